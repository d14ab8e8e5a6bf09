package io.loomkeeper.tree;

import java.util.List;

/**
 * What applying one transaction came to.
 *
 * @param txn what was applied; what is logged
 * @param response for the client that asked; Failed or FailedMulti when nothing took effect
 * @param changes in the order in which watches fire
 */
public record Applied(TxnHeader header, Txn txn, Response response, List<Change> changes) {}

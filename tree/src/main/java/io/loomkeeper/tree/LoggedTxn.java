package io.loomkeeper.tree;

import org.jspecify.annotations.Nullable;

/** One transaction as logs and proposals carry it. */
public record LoggedTxn(TxnHeader header, Txn txn, @Nullable TxnDigest digest) {}

package io.loomkeeper.tree;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The distinct ACLs in use, each under a number that records hold in its place.
 *
 * <p>Equal lists have one number. Number 0 is the open ACL and never in the table. The numbers are
 * this server's own: an image has others. Written in place by the one writer while {@link #edit} is
 * its current edit number.
 */
final class AclTable {
    static final long OPEN_ID = 0;

    private final long edit;
    private Trie<Entry> byId;
    private Trie<Entry> byList;
    private int size;
    private long lastId;

    private AclTable(long edit, Trie<Entry> byId, Trie<Entry> byList) {
        this.edit = edit;
        this.byId = byId;
        this.byList = byList;
    }

    /** One ACL and its number. */
    private static final class Entry {
        final long id;
        final List<Acl> acl;

        /** The last transaction that was given the number. The writer's alone; in all versions. */
        long usedZxid;

        Entry(long id, List<Acl> acl) {
            this.id = id;
            this.acl = acl;
        }
    }

    private enum ById implements Trie.Keys<Entry> {
        KEYS;

        @Override
        public long hash(Entry entry) {
            return Names.spread(entry.id);
        }

        @Override
        public int compare(Entry a, Entry b) {
            return Long.compare(a.id, b.id);
        }
    }

    private enum ByList implements Trie.Keys<Entry> {
        KEYS;

        @Override
        public long hash(Entry entry) {
            return hashOf(entry.acl);
        }

        @Override
        public int compare(Entry a, Entry b) {
            return a.acl.equals(b.acl) ? 0 : Long.compare(a.id, b.id);
        }
    }

    /** Receives each ACL that has a number. */
    interface Visitor {
        void onAcl(long id, List<Acl> acl);
    }

    static AclTable empty() {
        return new AclTable(0, Trie.empty(), Trie.empty());
    }

    int size() {
        return size;
    }

    /** This table, to be written under {@code newEdit}. */
    AclTable editable(long newEdit) {
        if (edit == newEdit) {
            return this;
        }
        AclTable copy = new AclTable(newEdit, byId, byList);
        copy.size = size;
        copy.lastId = lastId;
        return copy;
    }

    List<Acl> acl(long id) {
        if (id == OPEN_ID) {
            return Acl.OPEN;
        }
        Entry entry = (Entry) requireNonNull(byId.at(Names.spread(id)));
        assert entry.id == id : id;
        return entry.acl;
    }

    /** The number of {@code acl}, or -1 when it has none. */
    long idOf(List<Acl> acl, long zxid) {
        if (acl.equals(Acl.OPEN)) {
            return OPEN_ID;
        }
        Entry entry = find(acl);
        if (entry == null) {
            return -1;
        }
        entry.usedZxid = Math.max(entry.usedZxid, zxid);
        return entry.id;
    }

    /** Gives {@code acl}, which has none, a number. */
    long add(List<Acl> acl, long zxid) {
        Entry entry = new Entry(++lastId, List.copyOf(acl));
        entry.usedZxid = zxid;
        byId = byId.put(edit, Names.spread(entry.id), entry, ById.KEYS);
        byList = byList.put(edit, hashOf(acl), entry, ByList.KEYS);
        size++;
        return entry.id;
    }

    void forEach(Visitor visitor) {
        Trie.Cursor<Entry> all = new Trie.Cursor<Entry>().over(byId);
        for (Entry entry = all.next(); entry != null; entry = all.next()) {
            visitor.onAcl(entry.id, entry.acl);
        }
    }

    /** Drops the numbers that are not in {@code use} and were not given out since. */
    void dropUnused(AclUse use) {
        long zxid = use.walked().zxid();
        Trie.Cursor<Entry> all = new Trie.Cursor<Entry>().over(byId);
        for (Entry entry = all.next(); entry != null; entry = all.next()) {
            if (entry.usedZxid <= zxid && !use.isUsed(entry.id)) {
                byId = byId.remove(edit, Names.spread(entry.id), entry, ById.KEYS);
                byList = byList.remove(edit, hashOf(entry.acl), entry, ByList.KEYS);
                size--;
            }
        }
    }

    private @Nullable Entry find(List<Acl> acl) {
        Object found = byList.at(hashOf(acl));
        if (found instanceof Trie.Bucket bucket) {
            for (Object candidate : bucket.entries) {
                if (((Entry) candidate).acl.equals(acl)) {
                    return (Entry) candidate;
                }
            }
            return null;
        }
        return found instanceof Entry entry && entry.acl.equals(acl) ? entry : null;
    }

    private static long hashOf(List<Acl> acl) {
        long hash = acl.size();
        for (int i = 0; i < acl.size(); i++) {
            Acl entry = acl.get(i);
            hash = Names.spread(hash ^ entry.perms());
            hash = Names.spread(hash ^ hashOf(entry.who().scheme()));
            hash = Names.spread(hash ^ hashOf(entry.who().id()));
        }
        return hash;
    }

    private static long hashOf(@Nullable String text) {
        return text == null ? -1 : Names.hash(text, 0, text.length());
    }
}

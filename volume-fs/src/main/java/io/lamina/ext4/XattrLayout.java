package io.lamina.ext4;

import io.lamina.ext4.format.StoredXattr;
import io.lamina.ext4.format.XattrNames;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the attributes of a file lie, before or after a change. Immutable.
 *
 * @param inInode those in the inode itself
 * @param inBlock those in a block
 */
record XattrLayout(List<StoredXattr> inInode, List<StoredXattr> inBlock) {
  static final XattrLayout NONE = new XattrLayout(List.of(), List.of());

  XattrLayout {
    inInode = List.copyOf(inInode);
    inBlock = List.copyOf(inBlock);
  }

  /** The attribute of a name, null where there is none. */
  @Nullable StoredXattr get(XattrNames.Stored key) {
    StoredXattr found = find(inInode, key);
    return found != null ? found : find(inBlock, key);
  }

  private static @Nullable StoredXattr find(List<StoredXattr> attributes, XattrNames.Stored key) {
    for (StoredXattr attribute : attributes) {
      if (attribute.key().equals(key)) {
        return attribute;
      }
    }
    return null;
  }

  /** This without an attribute. */
  XattrLayout without(XattrNames.Stored key) {
    return new XattrLayout(without(inInode, key), without(inBlock, key));
  }

  private static List<StoredXattr> without(List<StoredXattr> attributes, XattrNames.Stored key) {
    List<StoredXattr> others = new ArrayList<>(attributes);
    others.removeIf(attribute -> attribute.key().equals(key));
    return others;
  }

  /** This with one more attribute in the inode. */
  XattrLayout withInInode(StoredXattr attribute) {
    List<StoredXattr> more = new ArrayList<>(inInode);
    more.add(attribute);
    return new XattrLayout(more, inBlock);
  }

  /** This with one more attribute in the block. */
  XattrLayout withInBlock(StoredXattr attribute) {
    List<StoredXattr> more = new ArrayList<>(inBlock);
    more.add(attribute);
    return new XattrLayout(inInode, more);
  }
}

package io.lamina.fuse.protocol;

import io.lamina.fs.Node;
import io.lamina.fs.NodeKey;
import io.lamina.fs.NodeSource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Nodes that nothing can make anew, under numbers of their own. Used under the table's lock. */
final class KeptNodes implements NodeSource {
  private final Map<Node, NodeKey> keys = new HashMap<>();
  private final Map<Integer, Node> nodes = new HashMap<>();
  private int lastNumber;

  /** The key of a node that is kept; null of any other. */
  @Nullable NodeKey key(Node node) {
    return keys.get(node);
  }

  /** Keeps a node. */
  NodeKey keep(Node node) {
    while (nodes.containsKey(++lastNumber)) {
      // After four billion nodes, numbers come again.
    }
    NodeKey key = new NodeKey(this, lastNumber, 0);
    keys.put(node, key);
    nodes.put(key.number(), node);
    return key;
  }

  void drop(int number) {
    Node node = nodes.remove(number);
    if (node != null) {
      keys.remove(node);
    }
  }

  @Override
  public Node node(int number, int generation) {
    Node node = nodes.get(number);
    if (node == null) {
      throw new IllegalStateException("node " + number + " is not kept");
    }
    return node;
  }

  int size() {
    return nodes.size();
  }
}

// Disjoint sets (union-find with path halving): nearly constant time per operation.

export class DisjointSets<K> {
  readonly #parent = new Map<K, K>();

  /** The representative of the set that a member is in; a member that was never joined is a set of its own. */
  of(member: K): K {
    let at = member;
    for (;;) {
      const parent = this.#parent.get(at);
      if (parent === undefined) return at;
      const grandparent = this.#parent.get(parent);
      if (grandparent === undefined) return parent;
      this.#parent.set(at, grandparent);
      at = grandparent;
    }
  }

  /** Unites the sets of both. */
  join(a: K, b: K): void {
    const root = this.of(a);
    const other = this.of(b);
    if (root !== other) this.#parent.set(root, other);
  }
}

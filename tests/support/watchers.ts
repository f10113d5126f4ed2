// Waiting for what others do, without a clock: whoever changes something tells, and every condition is looked at again.

export type Watchers = {
  /** Resolves once the condition holds. */
  until(condition: () => boolean): Promise<void>;
  /** Something may be different now. */
  changed(): void;
};

export const createWatchers = (): Watchers => {
  const waiting = new Set<() => void>();
  return {
    until: (condition) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!condition()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    changed: () => {
      for (const look of [...waiting]) look();
    },
  };
};

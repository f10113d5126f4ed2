// An Asterisk channel's Uniqueid (`1764493655.61`, `pbx-0367.by-1795333074.0`): opaque text, never a number,
// since as a number `.61` and `.610` would be one call.

const UNIQUE_ID = /^[A-Za-z0-9._:@+-]{1,128}$/;

/** Whether `text` may be a unique id: 1 to 128 of `A-Z a-z 0-9 . _ : @ + -`. */
export const isUniqueId = (text: string): boolean => UNIQUE_ID.test(text);

/**
 * The epoch second inside a unique id, or undefined where there is none that can be believed: Asterisk writes
 * `epoch.sequence`, after `systemname-` where one is set. A host that booted without a clock writes tiny numbers.
 */
export const epochSecondOf = (uniqueId: string): number | undefined => {
  const match = /(?:^|-)(\d{9,10})\.\d+$/.exec(uniqueId);
  return match?.[1] === undefined ? undefined : Number(match[1]);
};

// Short lists without repeats. A set of two or three members costs more to make than all the looks into such a list.

/** Adds a member at the end of a list, unless it is there already. For lists of a few members. */
export const addNew = <T>(list: T[], member: T): void => {
  if (!list.includes(member)) list.push(member);
};

/** Whether a key belongs to the composition of a character. Safari tells the Enter that ends one by its code alone. */
export function isComposed({ isComposing, keyCode }: Pick<KeyboardEvent, "isComposing" | "keyCode">): boolean {
  return isComposing || keyCode === 229;
}

/** How high rows are: measured where they have been seen, guessed elsewhere; and where each of them begins. */
export class Heights {
  readonly #measured = new Map<string | number, number>();
  #tops = new Float64Array(1);
  #count = 0;

  /** Takes a height over; answers whether it is another one. */
  measure(key: string | number, height: number): boolean {
    if (this.#measured.get(key) === height) return false;
    this.#measured.set(key, height);
    return true;
  }

  forget(): void {
    this.#measured.clear();
  }

  /** Adds all heights up, in the order of the rows. */
  layOut(count: number, keyAt: (index: number) => string | number, guessAt: (index: number) => number): void {
    if (this.#tops.length <= count) this.#tops = new Float64Array(count * 2 + 1);
    this.#count = count;
    let top = 0;
    for (let index = 0; index < count; index += 1) {
      this.#tops[index] = top;
      top += this.#measured.get(keyAt(index)) ?? guessAt(index);
    }
    this.#tops[count] = top;
  }

  get total(): number {
    return this.#tops[this.#count] ?? 0;
  }

  top(index: number): number {
    return this.#tops[Math.max(0, Math.min(index, this.#count))] ?? 0;
  }

  /** The row at that place, from the top; the last one below everything. */
  indexAt(y: number): number {
    let [low, high] = [0, Math.max(0, this.#count - 1)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.top(middle) <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

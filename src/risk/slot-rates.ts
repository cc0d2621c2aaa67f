/**
 * How often each slot acts (PT14): at most so many creates and amends in a second and in a minute, in windows that
 * start with the first action. Memory is one record per slot that ever acted.
 */
export interface SlotRateLimits {
	readonly slotActionsPerSecMax: number;
	readonly slotActionsPerMinMax: number;
}

interface Windows {
	secondFrom: number;
	secondCount: number;
	minuteFrom: number;
	minuteCount: number;
}

export class SlotRates {
	readonly #slots = new Map<number, Windows>();

	/** The limits come with each question, so that a lowered one holds at once. */
	mayAct(slotKey: number, nowMono: number, limits: SlotRateLimits): boolean {
		const windows = this.#slots.get(slotKey);
		const inSecond = windows === undefined || nowMono - windows.secondFrom >= 1_000 ? 0 : windows.secondCount;
		const inMinute = windows === undefined || nowMono - windows.minuteFrom >= 60_000 ? 0 : windows.minuteCount;
		return inSecond < limits.slotActionsPerSecMax && inMinute < limits.slotActionsPerMinMax;
	}

	count(slotKey: number, nowMono: number): void {
		const windows = this.#slots.get(slotKey);
		if (windows === undefined) {
			this.#slots.set(slotKey, { secondFrom: nowMono, secondCount: 1, minuteFrom: nowMono, minuteCount: 1 });
			return;
		}
		if (nowMono - windows.secondFrom >= 1_000) {
			windows.secondFrom = nowMono;
			windows.secondCount = 0;
		}
		if (nowMono - windows.minuteFrom >= 60_000) {
			windows.minuteFrom = nowMono;
			windows.minuteCount = 0;
		}
		windows.secondCount += 1;
		windows.minuteCount += 1;
	}
}

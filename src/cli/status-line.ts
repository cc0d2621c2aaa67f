/** The one line that tells a person how the session goes, written over itself on a terminal. */
import type { SessionStatus } from '../app/report.ts';

/** Off a terminal every tenth line is enough. */
const PLAIN_EVERY = 10;
const CLEAR = '\r\u001b[2K';

/** The part of `process.stderr` that is needed. */
export interface StatusScreen {
	readonly isTTY?: boolean;
	readonly columns?: number;
	write(text: string): unknown;
}

export class StatusLine {
	readonly #out: StatusScreen;
	#count = 0;

	constructor(out: StatusScreen) {
		this.#out = out;
	}

	show(status: SessionStatus): void {
		const line = statusText(status);
		this.#count += 1;
		if (this.#out.isTTY === true) this.#out.write(`${CLEAR}${line.slice(0, Math.max(20, (this.#out.columns ?? 120) - 1))}`);
		else if (this.#count % PLAIN_EVERY === 0) this.#out.write(`${line}\n`);
	}

	/** A line of its own, in the place of the status. */
	say(text: string): void {
		this.#out.write(`${this.#out.isTTY === true ? CLEAR : ''}${text}\n`);
	}

	/** Leaves the last status standing. */
	end(): void {
		if (this.#out.isTTY === true && this.#count > 0) this.#out.write('\n');
	}
}

function statusText(status: SessionStatus): string {
	const inventory = Object.entries(status.inventory).map(([symbol, qty]) => `${symbol.replace(/USDT$/, '')} ${qty}`);
	return [
		`tick p50 ${status.tickMsP50.toFixed(1)} p95 ${status.tickMsP95.toFixed(1)} ms`,
		`${status.callsPerTick.toFixed(2)} calls/tick`,
		`${status.openOrders} open`,
		`${status.fills} fills`,
		inventory.join(' '),
		`PnL ${Number(status.pnl.total).toFixed(2)} ${status.pnl.currency}`,
	].join(' · ');
}

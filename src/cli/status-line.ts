/** The one line that tells a person how the session goes, written over itself on a terminal. */
import { inventoryOf, profitOf } from '../app/report.ts';
import type { World } from '../simulation/world.ts';

/** Off a terminal every tenth line is enough. */
const PLAIN_EVERY = 10;

export class StatusLine {
	readonly #out: NodeJS.WriteStream;
	#count = 0;

	constructor(out: NodeJS.WriteStream) {
		this.#out = out;
	}

	show(world: World, wallMs: number): void {
		const line = statusText(world, wallMs);
		this.#count += 1;
		if (this.#out.isTTY) this.#out.write(`\r\u001b[2K${line.slice(0, Math.max(20, this.#out.columns - 1))}`);
		else if (this.#count % PLAIN_EVERY === 0) this.#out.write(`${line}\n`);
	}

	/** Leaves the last status standing. */
	end(): void {
		if (this.#out.isTTY && this.#count > 0) this.#out.write('\n');
	}
}

function statusText(world: World, wallMs: number): string {
	const stats = world.engine.getStats();
	const { total, currency } = profitOf(world, wallMs);
	const perTick = stats.ticks === 0 ? 0 : stats.calls / stats.ticks;
	const inventory = Object.entries(inventoryOf(world)).map(([symbol, qty]) => `${symbol.replace(/USDT$/, '')} ${qty}`);
	return [
		`tick p50 ${stats.p50_tick_ms.toFixed(1)} p95 ${stats.p95_tick_ms.toFixed(1)} ms`,
		`${perTick.toFixed(2)} calls/tick`,
		`${world.engine.orders.openCount} open`,
		`${world.engine.fillCount} fills`,
		inventory.join(' '),
		`PnL ${Number(total).toFixed(2)} ${currency}`,
	].join(' · ');
}

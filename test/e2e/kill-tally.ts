/** What the tests that kill an engine again and again keep of the exchange, and how fills are compared in the end. */
import { parseArgs } from 'node:util';
import { wholeOf } from '../../scripts/test/whole.ts';
import type { KillBox, VenueOrder } from './kill-box.ts';
import { type Home, readTables } from './kill-engine.ts';
import { TappedCreates } from './tapped-creates.ts';

/** The tap of the exchange remembers some seconds. */
const HEAR_EVERY_MS = 200;

export class Tally {
	passed = 0;
	readonly failures: string[] = [];
	/** Which order of the venue each client id was first seen with. */
	readonly #orders = new Map<string, string>();
	readonly creates = new TappedCreates();
	/** Client ids that stand for two orders of the venue. */
	readonly reused = new Set<string>();
	quotedAgain = 0;
	orphaned = 0;
	recoveryMs: number[] = [];

	check(isFine: boolean, sentence: string): void {
		if (isFine) this.passed += 1;
		else this.failures.push(sentence);
	}

	see(orders: readonly VenueOrder[]): void {
		for (const { clientOrderId, orderId } of orders) {
			const known = this.#orders.get(clientOrderId);
			if (known === undefined) this.#orders.set(clientOrderId, orderId);
			else if (known !== orderId) this.reused.add(clientOrderId);
		}
	}

	get clientOrderIds(): readonly string[] {
		return [...this.#orders.keys()];
	}
}

/** I5: what is booked is what the exchange says, execution by execution, and so is what is held. */
export async function compareFills(home: Home, tally: Tally): Promise<void> {
	const tables = readTables(home);
	const told = (await home.box.executions()).filter(({ kind }) => kind !== 'funding');
	const ofVenue = told.map((each) =>
		[Number(each.execId), each.clientOrderId, each.side, Number(each.price), Number(each.qty), Number(each.fee)].join(' '),
	);
	const booked = tables.executions.map((each) =>
		[numberIn(each.execution_id), each.order_id, each.side, Number(each.price), Number(each.qty), Number(each.fee)].join(' '),
	);
	const missing = ofVenue.filter((each) => !booked.includes(each));
	const invented = booked.filter((each) => !ofVenue.includes(each));
	console.log(
		`${tally.clientOrderIds.length} orders seen at the exchange, ${ofVenue.length} fills there, ${booked.length} booked`,
	);
	tally.check(ofVenue.length > 0, 'nothing was ever filled, which proves nothing');
	tally.check(missing.length === 0, `filled and not booked: ${missing.slice(0, 5).join('; ')}`);
	tally.check(invented.length === 0, `booked and not filled: ${invented.slice(0, 5).join('; ')}`);
	for (const position of await home.box.positions()) {
		const held = Number(tables.positions.get(`bybit:linear:${String(position['symbol'])}`) ?? 0);
		const there = Number(position['qtySigned']);
		tally.check(held === there, `${String(position['symbol'])}: ${held} in the tables, ${there} at the exchange`);
	}
}

/** On the wire ids look like those of the venue; the box counts, and writes the number at their end. */
function numberIn(executionId: string): number {
	return Number.parseInt(executionId.slice(executionId.lastIndexOf('-') + 1), 16);
}

export function runOf(clientOrderId: string): string {
	return clientOrderId.slice(-4);
}

/** Lets time pass, and listens. */
export async function hearing(box: KillBox, tally: Tally, forMs: number): Promise<void> {
	const untilMs = performance.now() + forMs;
	for (let left = forMs; left > 0; left = untilMs - performance.now()) {
		await pause(Math.min(left, HEAR_EVERY_MS));
		await hear(box, tally);
	}
}

export async function hear(box: KillBox, { creates }: Tally): Promise<void> {
	creates.hear(await box.tapped(creates.lastNumber));
}

/** Undefined where the command line says anything else. */
export function wantedOf(
	args: readonly string[],
	roundsUsual: number,
): { readonly rounds: number; readonly seed: number } | undefined {
	try {
		const { values } = parseArgs({ args: [...args], options: { rounds: { type: 'string' }, seed: { type: 'string' } } });
		const wanted = { rounds: wholeOf(values.rounds ?? String(roundsUsual)), seed: wholeOf(values.seed ?? '1') };
		return wanted.rounds > 0 && wanted.seed >= 0 ? wanted : undefined;
	} catch {
		return undefined;
	}
}

export async function pause(ms: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, ms));
}

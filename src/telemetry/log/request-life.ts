/**
 * The life of each request in the log, by the order that it is about: wanted, in the journal, sent, answered, and what the
 * venue tells of the order afterwards. Listens to what the engine takes and decides; only wired up where the log takes
 * lines of that level, since it is a line for each command.
 */
import type { Batch, Command } from '../../domain/command.ts';
import type { AnswerEvent, EngineEvent } from '../../domain/event.ts';
import { printPrice, printQty } from '../../domain/instrument.ts';
import type { OrderId } from '../../domain/order-id.ts';
import type { EngineEffect, Recorder } from '../../engine/ports.ts';
import type { Log } from './log.ts';

/** Far more than are ever on their way to the journal. */
const FLUSHES_MAX = 1_000;

export class RequestLife implements Recorder {
	readonly #log: Log;
	/** What waits for the journal. */
	readonly #waiting = new Map<number, readonly OrderId[]>();

	constructor(log: Log) {
		this.#log = log;
	}

	input(event: EngineEvent): void {
		switch (event.kind) {
			case 'journaled':
				this.#journaled(event.flushId, event.ok);
				return;
			case 'answer':
				this.#answered(event);
				return;
			case 'orderReport': {
				const { clientOrderId: orderId, venueOrderId, status, reason, source } = event.report;
				this.#log.write('debug', 'reported', { orderId, venueOrderId, status, reason, source });
				return;
			}
			case 'execution': {
				const { executionId, clientOrderId: orderId, instrument, side, priceTicks, qtyLots } = event.execution;
				const price = printPrice(instrument, priceTicks);
				this.#log.write('debug', 'filled', {
					...{ orderId, executionId, symbol: instrument.id, side, price, qty: printQty(instrument, qtyLots) },
				});
				return;
			}
			default:
				return;
		}
	}

	output(effect: EngineEffect): void {
		if (effect.kind === 'commit') this.#wanted(effect.flushId, effect.intents);
		else if (effect.kind === 'send') this.#sent(effect.batch);
	}

	#wanted(flushId: number, intents: readonly Command[]): void {
		this.#waiting.set(
			flushId,
			intents.map(({ orderId }) => orderId),
		);
		if (this.#waiting.size > FLUSHES_MAX) {
			const [oldest] = this.#waiting.keys();
			if (oldest !== undefined) this.#waiting.delete(oldest);
		}
		for (const command of intents) this.#log.write('debug', 'wanted', { ...aboutOf(command), flushId });
	}

	#journaled(flushId: number, ok: boolean): void {
		const orderIds = this.#waiting.get(flushId) ?? [];
		this.#waiting.delete(flushId);
		for (const orderId of orderIds) this.#log.write('debug', ok ? 'journaled' : 'not journaled', { orderId, flushId });
	}

	#sent({ batchId, venue, verb, commands }: Batch): void {
		for (const command of commands) this.#log.write('debug', 'sent', { ...aboutOf(command), venue, verb, batchId });
	}

	#answered({ batchId, items }: AnswerEvent): void {
		for (const { orderId, verb, outcome } of items) {
			const reason = outcome.kind === 'accepted' ? undefined : outcome.reason;
			this.#log.write('debug', 'answered', { orderId, verb, batchId, outcome: outcome.kind, reason });
		}
	}
}

function aboutOf(command: Command): Readonly<Record<string, string>> {
	const { kind: verb, orderId, instrument } = command;
	if (command.kind === 'cancel') return { verb, orderId, symbol: instrument.id };
	const price = printPrice(instrument, command.priceTicks);
	const qty = printQty(instrument, command.qtyLots);
	return { verb, orderId, symbol: instrument.id, price, qty, ...(command.kind === 'place' ? { side: command.side } : {}) };
}

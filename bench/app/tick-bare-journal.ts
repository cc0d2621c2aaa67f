/**
 * The least that a journal costs: so many bytes as an intent of ours has, put where the file has room already and synced by
 * the same call. Nothing is encoded, checked or told apart; whoever keeps intents before they leave waits so long.
 */
import { closeSync, constants, mkdtempSync, openSync, rmSync, write, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../../src/domain/command.ts';
import { amendOf, cancelOf, placeOf } from '../../src/execution/orders.suite.ts';
import { lineOfCommand } from '../../src/storage/journal-codec.ts';
import type { Kind } from './tick-work.ts';

/** Written over and over again, so that no place in it is ever new to the file system. */
const ROOM_BYTES = 1024 * 1024;

const ORDER_ID = 'BTCUSDT-Buy-1767225600000-12345-1000';
const TERMS = { price: 650_000, qty: 20 };

/** What our journal holds of an order that is replaced, the cancel before it included, or of one that moves. */
export const INTENT_BYTES: Readonly<Record<Kind, number>> = {
	replace: bytesOf([cancelOf(ORDER_ID), placeOf(ORDER_ID, TERMS)]),
	requote: bytesOf([amendOf(ORDER_ID, TERMS)]),
};

export class BareJournal implements Disposable {
	readonly #folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
	readonly #file: number;
	#end = 0;

	constructor() {
		const { O_WRONLY, O_CREAT, O_DSYNC } = constants;
		this.#file = openSync(join(this.#folder, 'journal'), O_WRONLY | O_CREAT | O_DSYNC, 0o600);
		writeSync(this.#file, Buffer.alloc(ROOM_BYTES), 0, ROOM_BYTES, 0);
	}

	keep(bytes: Buffer): Promise<void> {
		if (this.#end + bytes.length > ROOM_BYTES) this.#end = 0;
		const at = this.#end;
		this.#end += bytes.length;
		return new Promise((resolve, reject) => {
			write(this.#file, bytes, 0, bytes.length, at, (error, count) => {
				if (error !== null) reject(error);
				else if (count < bytes.length) reject(new Error(`the disk took ${count} bytes of ${bytes.length}`));
				else resolve();
			});
		});
	}

	[Symbol.dispose](): void {
		closeSync(this.#file);
		rmSync(this.#folder, { recursive: true });
	}
}

function bytesOf(commands: readonly Command[]): number {
	return Buffer.byteLength(commands.map((command) => `${lineOfCommand(command, ['wishes BTCUSDT'])}\n`).join(''));
}

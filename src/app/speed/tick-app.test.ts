import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openExchange } from '../open-exchange.ts';
import { TickApp, tradesOnBybit } from './tick-app.ts';

test('closes what it opened, also where its stop fails', async () => {
	using folder = new DisposableStack();
	const path = folder.adopt(mkdtempSync(join(tmpdir(), 'evenkeel-tick-app-')), (made) => rmSync(made, { recursive: true }));
	await using box = await openExchange({ market: 'quiet' });
	const trades = tradesOnBybit(box, box.account(), { symbols: ['BTCUSDT'], road: 'ws' });
	const ticker = await TickApp.open({ ...trades, folder: path });
	Object.assign(ticker.app, { stop: () => Promise.reject(new Error('the list of orders does not come')) });
	await expect(ticker[Symbol.asyncDispose]()).rejects.toThrow('the list of orders does not come');
	expect(ticker.app.isEnded).toBe(true);
});

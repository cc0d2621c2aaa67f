/** Over real sockets: an engine that quotes goes over to another key of its account, which the box checks on every request. */
import { afterEach, expect, test } from 'vitest';
import { checkWritten } from '../../src/app/config/config.ts';
import { venueSettings } from '../../src/app/config/venue-settings.ts';
import { findAccess } from '../../src/app/find-access.ts';
import { Keystore } from '../../src/app/keystore/keystore.ts';
import { openTrading } from '../../src/app/trading.ts';
import type { ApiKey } from '../../src/app/venue-access.ts';
import { systemBytes } from '../../src/network/system-bytes.ts';
import { eventually } from '../clients/wait.ts';
import { tempPlace } from '../fixtures/data-place.ts';
import { control, openRealBox } from '../fixtures/real-box.ts';

const bugs: unknown[] = [];
afterEach(() => expect(bugs.splice(0)).toEqual([]));

function storedAs({ apiKey, apiSecret }: ApiKey) {
	return { name: 'mine', kind: 'bybit', apiKey, apiSecret, savedAtMs: 0 } as const;
}

test('a running engine takes another key of its account, refuses one of another account, and works on without the old one', async () => {
	await using box = await openRealBox(bugs, {
		accounts: [
			{ name: 'alice', balances: { USDT: '100000' } },
			{ name: 'bob', balances: { USDT: '100000' } },
		],
	});
	const [alice, bob] = box.listening.accounts;
	const config = checkWritten({
		venues: { mine: { symbols: ['BTCUSDT'], order_entry: 'rest', urls: { rest: box.listening.bybit.rest } } },
		telemetry: { metrics_port: 0 },
	})!;
	const [settings] = venueSettings(config);
	const found = findAccess(settings!);
	if (found.kind === 'refused') throw new Error(found.sentence);
	const keystore = Keystore.fresh('a long passphrase', systemBytes).with(storedAs(alice!))!;
	let text = keystore.seal(systemBytes);
	const said: string[] = [];
	using data = tempPlace();
	const opened = await openTrading({
		...{ config, venues: [found.accessWith(alice)], data, onNote: () => {} },
		keystore: { keystore, names: new Set(['mine']), read: () => ({ kind: 'read', text }) },
		onTrouble: (sentence) => said.push(sentence),
	});
	if (opened.kind === 'refused') throw new Error(opened.sentences.join());
	await using trading = opened.trading;
	expect(await trading.app.start()).toEqual([]);

	text = keystore.with(storedAs(bob!))!.seal(systemBytes);
	await eventually('a word on the key of another account', () => said.find((line) => line.includes('is of another account')));

	const second = box.addKey('alice', 'second');
	text = keystore.with(storedAs(second))!.seal(systemBytes);
	const taken = `venues.mine: key …${second.apiKey.slice(-4)} is in force from now on`;
	await eventually('a word on the new key', () => said.find((line) => line.startsWith(taken)));
	// From here on the old key is good from nowhere near.
	await control(box, 'POST /v1/accounts/alice/key', { address: '10.9.9.9' });
	expect((await trading.app.openAtVenue()).filter((id) => id.startsWith('?'))).toEqual([]);
	expect(await trading.stop('the test is over')).toEqual([]);
	expect(said.join()).not.toContain(second.apiSecret);
});

/** What decorates a façade changes nothing of what passes through, and hears all of it. */
import { expect, test } from 'vitest';
import type { Facade, Peer } from '../facade.ts';
import { SwitchFacade } from './switch-facade.ts';
import { Tap, TapFacade } from './tap.ts';

const REQUEST = { method: 'GET', path: '/a', query: 'b=1', headers: { x: 'y' }, body: '', remote: '127.0.0.1' };
const HEARTBEAT = { everyMs: 20_000, answerMsMax: 60_000 };

function echo(name: string, log: string[] = []): Facade {
	return {
		request: ({ path }) => ({ status: 200, headers: {}, body: `${name} ${path}` }),
		connect: ({ path }, peer) =>
			path === '/ws'
				? {
						kind: 'connected',
						heartbeat: HEARTBEAT,
						connection: {
							receive: (text) => peer.send(`${name} ${text}`),
							closed: () => log.push(`${name} closed`),
						},
					}
				: { kind: 'refused', status: 404, reason: 'no' },
		tick: (nowMs) => log.push(`${name} tick ${nowMs}`),
	};
}

function listener(): Peer & { heard: string[] } {
	const heard: string[] = [];
	return { heard, send: (text) => heard.push(text), close: (code, reason) => heard.push(`close ${code} ${reason}`) };
}

function connection(facade: Facade, peer: Peer) {
	const answer = facade.connect({ path: '/ws', query: 'q', remote: '127.0.0.1' }, peer, 2);
	if (answer.kind === 'refused') throw new Error(answer.reason);
	return answer.connection;
}

test('the tap hears requests, frames of both directions, refusals and ends', () => {
	const tap = new Tap();
	const facade = new TapFacade(echo('one'), tap);
	const peer = listener();
	expect(facade.request(REQUEST, 1).body).toBe('one /a');
	const socket = connection(facade, peer);
	socket.receive('hi', 3);
	socket.closed(4);
	facade.connect({ path: '/no', query: '', remote: '' }, peer, 5);
	expect(peer.heard).toEqual(['one hi']);
	expect(tap.list({ after: 0, limit: 100 })).toMatchObject([
		{ number: 1, atMs: 1, kind: 'request', request: { path: '/a', query: 'b=1' }, reply: { status: 200, body: 'one /a' } },
		{ number: 2, atMs: 2, kind: 'opened', socket: 1, path: '/ws', query: 'q' },
		{ number: 3, atMs: 3, kind: 'in', socket: 1, text: 'hi' },
		{ number: 4, atMs: 3, kind: 'out', socket: 1, text: 'one hi' },
		{ number: 5, atMs: 4, kind: 'closed', socket: 1, by: 'client' },
		{ number: 6, kind: 'opened', path: '/no' },
		{ number: 7, kind: 'refused', status: 404 },
	]);
});

test('the tap keeps the last two thousand entries, and of a long text the beginning', () => {
	const tap = new Tap();
	for (let i = 0; i < 10_000; i += 1) tap.record(i, { kind: 'in', socket: 1, text: String(i) });
	const kept = tap.list({ after: 0, limit: 100_000 });
	expect([kept.length, kept.at(-1)?.number, kept[0]?.number]).toEqual([2_000, 10_000, 8_001]);
	const facade = new TapFacade(echo('one'), tap);
	connection(facade, listener()).receive('x'.repeat(10_000), 1);
	const text = tap.list({ after: 0, limit: 2 }).map((entry) => ('text' in entry ? entry.text.slice(-30) : ''));
	expect(text[0]).toContain('1808 more characters');
});

test('after a reset, old sockets are closed and heard no more, new ones meet the new inside', () => {
	const log: string[] = [];
	const facade = new SwitchFacade(echo('old', log));
	const [before, after] = [listener(), listener()];
	const socket = connection(facade, before);
	facade.replace(echo('new', log), 9);
	socket.receive('anyone?', 10);
	socket.closed(11);
	expect(before.heard).toEqual(['close 1012 the exchange was reset']);
	connection(facade, after).receive('hello', 12);
	facade.tick(13);
	expect(after.heard).toEqual(['new hello']);
	expect(facade.request(REQUEST, 14).body).toBe('new /a');
	expect(log).toEqual(['old closed', 'new tick 13']);
});

test('the pings that the inside asks for are asked for outside', () => {
	for (const facade of [new TapFacade(echo('one'), new Tap()), new SwitchFacade(echo('one'))]) {
		const answer = facade.connect({ path: '/ws', query: '', remote: '' }, listener(), 1);
		expect(answer).toMatchObject({ kind: 'connected', heartbeat: HEARTBEAT });
	}
});

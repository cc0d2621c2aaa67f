import type { Facade } from '../exchange/facade.ts';
import { answerTo, type OpenScene, scriptOf, transportSuite } from '../network/transport.suite.ts';
import { seededRng } from './seeded-rng.ts';
import { VirtualClock } from './virtual-clock.ts';
import { VirtualNetwork } from './virtual-network.ts';

const ORIGIN = 'http://venue.test:80';
const PATIENCE_MS = 120_000;
const KEEP_ALIVE_MS = 1_000;

const openScene: OpenScene = async (options = {}) => {
	const clock = new VirtualClock(1_700_000_000_000);
	const served: string[] = [];
	const network = new VirtualNetwork({
		clock,
		rng: seededRng(1),
		hosts: new Map([
			[
				ORIGIN,
				{
					facade: scriptedFacade(served),
					link: { requestMs: 10, replyMs: { fromMs: 5, toMs: 15 }, handshakeMs: 20, keepAliveMs: KEEP_ALIVE_MS },
					requestLine: {
						handle: ({ method, path, query, body }, _nowMs, done) => {
							served.push(`${method} ${path}${query === '' ? '' : `?${query}`}`);
							const answer = answerTo({ path, query, body });
							if (answer.kind === 'reply') done({ kind: 'reply', reply: answer });
							else done({ kind: answer.kind === 'silent' ? 'never' : 'reset' });
						},
					},
				},
			],
		]),
	});
	const transport = network.transport(options);
	const settle = async (): Promise<void> => {
		for (let i = 0; i < 5; i += 1) await Promise.resolve();
	};
	const pass = async (durationMs: number): Promise<void> => {
		clock.run(durationMs);
		await settle();
	};
	return {
		transport,
		origin: ORIGIN,
		deadOrigin: 'http://nobody.test:80',
		served,
		until: async (condition) => {
			await settle();
			const lastMs = clock.monotonicMs() + PATIENCE_MS;
			while (!condition()) {
				if (clock.monotonicMs() > lastMs || !clock.step()) throw new Error('what was waited for did not happen');
				await settle();
			}
		},
		pass,
		closeIdle: () => pass(KEEP_ALIVE_MS - 15),
		silence: () => network.silence(ORIGIN),
		stall: () => network.partition(ORIGIN, true),
		[Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
	};
};

function scriptedFacade(served: string[]): Facade {
	return {
		request: () => {
			throw new Error(`served past the request line: ${served.join()}`);
		},
		connect: ({ path, query }, peer) => {
			const script = scriptOf(
				{ path, query },
				{ send: (text) => peer.send(text), close: (code, reason) => peer.close(code, reason), cut: () => peer.close(1006, '') },
			);
			if (script.kind === 'refused') return { kind: 'refused', status: script.status, reason: 'refused' };
			return { kind: 'connected', connection: { receive: (text) => script.receive(text), closed: () => {} } };
		},
		tick: () => {},
	};
}

transportSuite('a transport of the virtual network', openScene);

/** What befalls messages and connections between an engine and its exchange. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from './trouble.ts';

const STREAMS = ['ws-public', 'ws-private', 'ws-trade'];

export const ON_THE_WAY: Scene = {
	where: 'on the way',
	troubles: [
		{
			what: 'answers that come late',
			faults: [{ name: 'delay-reply', parameters: { channel: 'ws-trade', probability: 1, delayMs: 400, tailMs: 0 } }],
			fires: ['EvenkeelTickSlow', 'EvenkeelTickOverruns'],
		},
		{
			what: 'books with gaps',
			faults: [{ name: 'break-sequence', parameters: { form: 'gap', probability: 0.5 } }],
			fires: ['EvenkeelBooksLost'],
		},
		{
			what: 'public streams that stay away',
			faults: [
				{ name: 'refuse-connection', parameters: { channel: 'ws-public' } },
				{ name: 'cut-socket', parameters: { channel: 'ws-public', count: 1 } },
			],
			fires: ['EvenkeelStreamDown', 'EvenkeelBookStale', 'EvenkeelSeldomQuotes', 'EvenkeelAlertWarning'],
		},
		{
			what: 'streams that come and go',
			faults: STREAMS.map((channel) => ({ name: 'flap-connection', parameters: { channel, afterMs: 300 } })),
			act: async (engine) => {
				for (const channel of STREAMS) {
					await engine.control('POST /v1/faults', { name: 'cut-socket', parameters: { channel, count: 1 } });
				}
			},
			fires: ['EvenkeelReconnects'],
		},
		{
			what: 'lists that are empty, and a stream that says nothing',
			faults: [
				{ name: 'empty-list', parameters: { path: '/v5/order/realtime', probability: 1 } },
				{ name: 'drop-frames', parameters: { channel: 'ws-private', probability: 1 } },
			],
			fires: ['EvenkeelOrdersUnknown', 'EvenkeelAlertCritical'],
		},
		{
			what: 'a loop that is held up',
			act: async (engine, isOver) => {
				while (!isOver.aborted) {
					engine.freeze();
					await sleep(200);
					engine.thaw();
					await sleep(300);
				}
			},
			fires: ['EvenkeelLoopLate'],
		},
	],
};

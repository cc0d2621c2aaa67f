/** What the exchange does to an engine, or somebody else who has its keys. */
import type { Scene } from './trouble.ts';

export const AT_THE_EXCHANGE: Scene = {
	where: 'at the exchange',
	troubles: [
		{
			what: 'reads that fail',
			faults: [{ name: 'server-error', parameters: { channel: 'rest', path: '/v5/position', probability: 1, form: 'http-503' } }],
			fires: ['EvenkeelRestErrors', 'EvenkeelBreakerOpen', 'EvenkeelNotCompared'],
		},
		{
			what: 'requests that are refused',
			faults: [{ name: 'maintenance', parameters: { mode: 'halted' } }],
			fires: ['EvenkeelRejects'],
		},
		{
			what: 'requests that are one too many',
			faults: [{ name: 'rate-limit', parameters: { channel: 'ws-trade', probability: 1 } }],
			fires: ['EvenkeelThrottled'],
		},
		{
			what: 'somebody else on the account',
			faults: [{ name: 'foreign-order', parameters: { everyMs: 500, probability: 1, awayBps: 500 } }],
			fires: ['EvenkeelForeignOrders'],
		},
		{
			what: 'a clock that is off',
			faults: [{ name: 'venue-clock', parameters: { offsetMs: 400 } }],
			fires: ['EvenkeelClockOff'],
		},
		{
			what: 'a key that is revoked',
			faults: [{ name: 'revoke-key', parameters: { channel: 'ws-trade' } }],
			fires: ['EvenkeelKilled', 'EvenkeelAlertCritical'],
		},
	],
};

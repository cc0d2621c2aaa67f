/** The process itself, without any client. Needs nobody's permission, so that the suite never passes for having run nothing. */
import { expect, test } from 'vitest';
import { startBox } from './box.ts';

test('the box says where it listens, answers there, and stops when told to', async () => {
	const box = await startBox();
	try {
		expect(box.line.listening).toBe(true);
		const reply = await fetch(`${box.bybit.rest}/v5/market/time`);
		expect(reply.status).toBe(200);
		expect(await reply.json()).toMatchObject({ retCode: 0, retMsg: 'OK', time: expect.any(Number) as number });
	} finally {
		expect(await box.stop()).toBe(0);
	}
});

/** Clients of the API that are in no hurry: each is let go in a few seconds, and meanwhile others are answered. */
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openStage } from '../../src/api/stage.suite.ts';

const SLOW: readonly (readonly [string, string])[] = [
	['nothing at all', ''],
	['half a line', 'POST /v1/kill HT'],
	['half a head', 'POST /v1/kill HTTP/1.1\r\nhost: 127.0.0.1:<port>\r\nx-slow: '],
	[
		'half a body',
		'POST /v1/kill HTTP/1.1\r\nhost: 127.0.0.1:<port>\r\nauthorization: Bearer <token>\r\ncontent-type: application/json\r\ncontent-length: 14\r\n\r\n{"rea',
	],
];

test.each(SLOW)('who says %s and no more', async (_, bytes) => {
	await using stage = await openStage();
	const filled = bytes.replace('<port>', `${stage.port}`).replace('<token>', stage.tokens.admin);
	const sockets: Socket[] = [];
	const gone = Array.from({ length: 50 }, async () => {
		const socket = connect({ port: stage.port, host: '127.0.0.1' }, () => socket.write(filled));
		sockets.push(socket.on('error', () => {}).resume());
		await new Promise<void>((resolve) => socket.on('close', () => resolve()));
	});
	expect((await stage.ask('/v1/kill', { body: '{"reason":"x"}' })).status).toBe(200);
	// The limit of a head is five seconds, that of a whole request ten, and the server looks every second.
	await Promise.all(gone);
	expect(sockets.every(({ destroyed }) => destroyed)).toBe(true);
	expect(stage.done).toHaveLength(1);
});

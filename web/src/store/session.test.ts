import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Reply } from './http.ts';
import { logIn, logOut, session } from './session.ts';

const replied = (status: number, body?: unknown) => async (): Promise<Reply> => ({ status, body });

beforeEach(() => logIn({ token: 'x' }, replied(200, { role: 'viewer', csrf: 'x' })));
afterEach(() => logOut(replied(200)));

test.each([200, 401])('a log-out that is answered by %d has ended the session', async (status) => {
	expect(await logOut(replied(status))).toBeUndefined();
	expect(session.value).toEqual({ kind: 'out' });
});

test.each([0, 403, 429, 503])('one that is answered by %d has not, and says so', async (status) => {
	expect(await logOut(replied(status))).toContain('still logged in');
	expect(session.value).toEqual({ kind: 'in', role: 'viewer', csrf: 'x' });
});

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { systemDisk } from '../storage/system-disk.ts';
import { Audit, type AuditRow } from './audit.ts';
import { AuditTally } from './audit-tally.ts';

function row(what: string): AuditRow {
	return { atMs: 1, who: 'viewer token', role: 'viewer', from: '127.0.0.1', what, result: 'API_ROLE: no' };
}

async function opened() {
	const clock = new VirtualClock(0);
	const path = join(mkdtempSync(join(tmpdir(), 'evenkeel-tally-')), 'audit.log');
	const audit = await Audit.open({ disk: systemDisk(), path, onSay: () => {} });
	const tally = new AuditTally({ audit, clock });
	const told = (): readonly string[] => audit.last(99).map(({ what, result }) => `${what} ${result}`);
	return { clock, audit, tally, told };
}

test('of those that are alike one a second is written, with the number of the others', async () => {
	const { clock, tally, told } = await opened();
	for (let second = 0; second < 3; second++) {
		for (let index = 0; index < 50; index++) await tally.write(row('kill'), 'kill');
		clock.run(1_000);
	}
	clock.run(1_000);
	await tally.write(row('kill'), 'kill');
	const counts = ['50', '50', '49'].map((count) => `kill API_ROLE: no (${count} more like this)`);
	expect(told()).toEqual(['kill API_ROLE: no', ...counts, 'kill API_ROLE: no']);
});

test('others have rows of their own, and what was counted is there after the end', async () => {
	const { tally, told } = await opened();
	for (const what of ['kill', 'pause', 'kill', 'kill']) await tally.write(row(what), what);
	await tally[Symbol.asyncDispose]();
	expect(told()).toEqual(['kill API_ROLE: no (2 more like this)', 'pause API_ROLE: no', 'kill API_ROLE: no']);
});

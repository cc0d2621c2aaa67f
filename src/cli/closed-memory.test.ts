/** What would show the memory of a process, and what is said of it (SEC15). */
import { expect, test } from 'vitest';
import { closeMemory, type ProcessSeen, whatShowsMemory } from './closed-memory.ts';

const LIMITS = (core: string): string =>
	`Limit                     Soft Limit           Hard Limit           Units     \nMax stack size            8388608              unlimited            bytes     \nMax core file size        ${core.padEnd(20)} unlimited            bytes     \n`;
const CLOSED: ProcessSeen = {
	execArgv: ['--max-semi-space-size=32', '--disable-sigusr1', '--disable-warning=ExperimentalWarning'],
	nodeOptions: '--enable-source-maps --max-old-space-size=4096',
	isInspected: false,
	limits: LIMITS('0'),
};

test('a process as it should be shows nothing', () => {
	expect(whatShowsMemory(CLOSED)).toEqual([]);
	expect(whatShowsMemory({ ...CLOSED, nodeOptions: undefined, limits: undefined })).toEqual([]);
});

test.each<[string, Partial<ProcessSeen>, RegExp]>([
	['a debugger', { execArgv: ['--inspect'], isInspected: true }, /^start Node without --inspect$/],
	['one that is waited for', { execArgv: ['--inspect-brk=0.0.0.0:9229'] }, /^start Node without --inspect-brk$/],
	['one from the environment', { nodeOptions: '--no-warnings  "--inspect=9229"' }, /^take --inspect out of NODE_OPTIONS$/],
	['the old name', { execArgv: ['--debug-port=1'] }, /--debug-port/],
	['one that a program opened', { isInspected: true }, /^start it without a debugger$/],
	['snapshots at a signal', { execArgv: ['--heapsnapshot-signal=SIGUSR2'] }, /--heapsnapshot-signal$/],
	['snapshots when memory runs out', { nodeOptions: '--heapsnapshot-near-heap-limit=3' }, /--heapsnapshot-near-heap-limit/],
	['a profile of the heap', { execArgv: ['--heap-prof'] }, /--heap-prof$/],
	['one with underscores', { execArgv: ['--heap_prof_dir=/tmp'] }, /--heap-prof-dir$/],
	['a snapshot of V8 when memory runs out', { execArgv: ['--heap-snapshot-on-oom'] }, /--heap-snapshot-on-oom$/],
	['one at a collection, after one dash', { nodeOptions: '-heap_snapshot_on_gc=3' }, /take -heap-snapshot-on-gc out/],
	['a file of flags', { execArgv: ['--experimental-config-file=a.json'] }, /without --experimental-config-file$/],
	['that of the folder', { nodeOptions: '--experimental-default-config-file' }, /--experimental-default-config-file/],
	['a report at the end', { execArgv: ['--report-on-fatalerror'] }, /--report-on-fatalerror/],
	['a report at a signal', { nodeOptions: '--report-on-signal' }, /--report-on-signal/],
	['a core file for each error', { execArgv: ['--abort-on-uncaught-exception'] }, /--abort-on-uncaught-exception/],
	['a core file of any size', { limits: LIMITS('unlimited') }, /limit is unlimited, and has to be 0\): ulimit -c 0/],
	['a core file of some size', { limits: LIMITS('1048576') }, /limit is 1048576/],
])('%s is refused', (_, seen, sentence) => {
	expect(whatShowsMemory({ ...CLOSED, ...seen })).toEqual([expect.stringMatching(sentence)]);
});

test('all that is wrong is said at once', () => {
	expect(
		whatShowsMemory({ execArgv: ['--inspect'], nodeOptions: '--heap-prof', isInspected: true, limits: LIMITS('1') }),
	).toEqual([
		'start Node without --inspect',
		'take --heap-prof out of NODE_OPTIONS',
		expect.stringMatching(/^let it write no core file/),
	]);
});

test('a box may be debugged', () => {
	const before = process.listenerCount('SIGUSR1');
	closeMemory([{ name: 'bybit', environment: 'box' }]);
	expect(process.listenerCount('SIGUSR1')).toBe(before);
});

/** A recording is there whole or not at all. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { draftRecording, type RecordingDraft } from './recording-file.ts';

const root = mkdtempSync(join(tmpdir(), 'evenkeel-recording-'));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
function place(): { readonly folder: string; readonly path: string } {
	const folder = join(root, `${++folders}`, 'deeper');
	return { folder, path: join(folder, 'a.recording') };
}

function drafted(path: string): RecordingDraft {
	const draft = draftRecording(path);
	if (draft.kind === 'refused') throw new Error(draft.sentence);
	return draft;
}

test('appears under its name when it is published, and can be read back before', () => {
	const { folder, path } = place();
	using draft = drafted(path);
	draft.write(Buffer.from('first '));
	draft.write(Buffer.from('second'));
	expect(existsSync(path)).toBe(false);
	const buffer = Buffer.alloc(20);
	expect(draft.readAt(buffer, 6)).toBe(6);
	expect(buffer.subarray(0, 6).toString()).toBe('second');
	// What is read does not move what is written next.
	draft.write(Buffer.from(' third'));
	draft.publish();
	expect(readFileSync(path, 'utf8')).toBe('first second third');
	expect(readdirSync(folder)).toEqual(['a.recording']);
});

test('leaves nothing behind when it is given up', () => {
	const { folder, path } = place();
	{
		using draft = drafted(path);
		draft.write(Buffer.from('half of it'));
	}
	expect(readdirSync(folder)).toEqual([]);
});

test('takes the place of what a killed one has left', () => {
	const { folder, path } = place();
	drafted(path).write(Buffer.from('killed in the middle of it, and longer than the next'));
	using draft = drafted(path);
	draft.write(Buffer.from('whole'));
	draft.publish();
	expect(readFileSync(path, 'utf8')).toBe('whole');
	expect(readdirSync(folder)).toEqual(['a.recording']);
});

test('never writes over what is there, and says so before anything is done', () => {
	const { path } = place();
	{
		using draft = drafted(path);
		draft.publish();
	}
	writeFileSync(path, 'precious');
	expect(draftRecording(path)).toMatchObject({ kind: 'refused', sentence: expect.stringContaining('there already') as unknown });
	expect(readFileSync(path, 'utf8')).toBe('precious');
});

test('says why it cannot be written', () => {
	const { path } = place();
	writeFileSync(join(root, 'file'), '');
	expect(draftRecording(join(root, 'file', 'a.recording'))).toMatchObject({
		kind: 'refused',
		sentence: expect.stringContaining('cannot be written') as unknown,
	});
	const draft = drafted(path);
	draft[Symbol.dispose]();
	expect(() => draft.write(Buffer.from('x'))).toThrow(expect.objectContaining({ name: 'DiskError' }));
});

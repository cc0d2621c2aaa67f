import { beforeEach, describe, expect, test } from 'vitest';
import { FakeTransport } from '../../test/fixtures/fake-transport.ts';
import type { SocketHandler } from '../network/transport.ts';
import type { AppendFile } from '../ports/disk.ts';
import { seededRng } from './seeded-rng.ts';
import { VirtualClock } from './virtual-clock.ts';
import { VirtualDisk } from './virtual-disk.ts';
import { VirtualProcess } from './virtual-process.ts';

const URL = 'ws://venue/private';
const HEARTBEATS = { handshakeTimeoutMs: 1_000 };

let clock: VirtualClock;
let network: FakeTransport;
let life: VirtualProcess;
let heard: string[];
let file: AppendFile;

beforeEach(async () => {
	clock = new VirtualClock(1_000_000);
	network = new FakeTransport(clock);
	life = new VirtualProcess(clock);
	heard = [];
	file = await life.disk(new VirtualDisk({ clock, rng: seededRng(1) })).openAppend('journal', 0);
});

const handler: SocketHandler = {
	opened: () => heard.push('opened'),
	received: (frame) => heard.push(Buffer.from(frame).toString()),
	ponged: () => heard.push('pong'),
	ended: () => heard.push('ended'),
};

/** A timer, a socket with a frame on its way, and a write. */
function busy(): ReturnType<ReturnType<VirtualProcess['transport']>['connect']> {
	const socket = life.transport(network).connect({ url: URL, ...HEARTBEATS }, handler);
	clock.run(2);
	life.clock.after(5, () => heard.push('timer'));
	file.append(Buffer.from('x'), () => heard.push('safe'));
	clock.after(3, () => network.socket.receive('frame'));
	return socket;
}

describe('a life of a process', () => {
	test('hears what is told, as long as it lives', () => {
		busy();
		clock.run(10);
		expect(heard).toEqual(['opened', 'safe', 'frame', 'timer']);
	});

	test('that was killed hears nothing any more, and reaches nobody', () => {
		const socket = busy();
		life.kill();
		clock.run(10);
		expect(heard).toEqual(['opened']);
		expect(socket.send('late')).toBe(false);
		socket.terminate();
		life.transport(network).connect({ url: URL, ...HEARTBEATS }, handler);
		life.clock.after(1, () => heard.push('later'));
		file.append(Buffer.from('late'), () => heard.push('late'));
		clock.run(10);
		expect(heard).toEqual(['opened']);
		expect(network.sockets).toHaveLength(1);
		expect(network.socket).toMatchObject({ sent: [], fate: 'none' });
	});

	test('that is frozen hears it all later: what is due first, then what came in', () => {
		busy();
		life.freeze();
		clock.run(10_000);
		expect(heard).toEqual(['opened']);
		life.thaw();
		expect(heard).toEqual(['opened', 'timer', 'safe', 'frame']);
	});

	test('that was frozen runs no timer that was cancelled before its turn', () => {
		const second = life.clock.after(20, () => heard.push('second'));
		const third = life.clock.after(30, () => heard.push('third'));
		life.clock.after(10, () => {
			heard.push('first');
			second.cancel();
		});
		life.freeze();
		clock.run(100);
		third.cancel();
		life.thaw();
		clock.run(100);
		expect(heard).toEqual(['first']);
	});

	test('that is frozen hears of its files when it goes on, and one that was killed never', async () => {
		const disk = new VirtualDisk({ clock, rng: seededRng(1) });
		const jobs = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
		const asks = (verb: 'replace' | 'remove'): void => {
			const { replace, remove } = life.disk(disk);
			void (verb === 'replace' ? replace('f', Buffer.from('x')) : remove('f')).then(() => heard.push(verb));
		};
		asks('replace');
		await jobs();
		life.freeze();
		asks('remove');
		await jobs();
		expect(heard).toEqual(['replace']);
		life.thaw();
		await jobs();
		expect(heard).toEqual(['replace', 'remove']);
		asks('replace');
		life.kill();
		await jobs();
		expect(heard).toEqual(['replace', 'remove']);
	});

	test('has a wall clock of its own, which can be set; the monotonic one goes on', () => {
		life.wallAheadMs = -500;
		expect(life.clock.wallMs()).toBe(999_500);
		expect(life.clock.monotonicMs()).toBe(clock.monotonicMs());
	});
});

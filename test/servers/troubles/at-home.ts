/** What happens on our own side: databases, disk, people, mistakes of our own. What takes its life comes last. */

import type { Mistake } from '../planted.ts';
import { STRACE } from '../slow-disk.ts';
import type { Scene, Trouble } from './trouble.ts';

export const AT_HOME: Scene = {
	where: 'on our own side',
	troubles: [
		{
			what: 'a database that is away',
			act: async (engine) => {
				engine.databaseStatus = 503;
			},
			fires: ['EvenkeelOutletAway'],
		},
		{
			what: 'a database that refuses points',
			act: async (engine) => {
				engine.databaseStatus = 400;
			},
			after: async (engine) => {
				engine.databaseStatus = 204;
			},
			fires: ['EvenkeelPointsLost'],
		},
		{
			what: 'a disk that takes nothing',
			act: async (engine) => engine.limitFiles('full'),
			after: async (engine) => engine.limitFiles('unlimited'),
			fires: ['EvenkeelJournalRefused', 'EvenkeelAlertCritical'],
		},
		{
			what: 'a person who pauses it',
			act: (engine) => engine.act('pause', { reason: 'a test' }),
			after: (engine) => engine.act('resume'),
			fires: ['EvenkeelPaused', 'EvenkeelAlertWarning'],
		},
		{
			what: 'a person who lets positions only shrink',
			act: (engine) => engine.act('reduce-only', { reason: 'a test' }),
			fires: ['EvenkeelReduceOnly', 'EvenkeelAlertCritical'],
		},
		{ what: 'a process that is killed', act: (engine) => engine.kill(), fires: ['EvenkeelDown'], strikesAnytime: true },
		{
			what: 'one that starts again and again',
			act: async (engine) => {
				for (let i = 0; i < 3; i += 1) {
					await engine.restart();
					await engine.rises('changes(process_start_time_seconds{job="evenkeel"}[90s])', i);
					if (i < 2) await engine.kill();
				}
			},
			fires: ['EvenkeelRestarts'],
			strikesAnytime: true,
		},
	],
};

/** Apart from the others, which need no strace. */
export const ON_A_SLOW_DISK: Scene = {
	where: 'on a slow disk',
	needs: [STRACE],
	troubles: [
		{
			what: 'a disk that takes its time',
			act: (engine) => engine.slowDownDisk(600),
			after: (engine) => engine.mendDisk(),
			fires: ['EvenkeelJournalSlow', 'EvenkeelAlertCritical'],
		},
	],
};

/** For rules that watch for mistakes of our own: there are none to wait for, so they are planted. */
export const OF_OUR_OWN: Scene = {
	where: 'by our own mistakes',
	troubles: [
		planted('a strategy that throws', 'strategy-throws', ['EvenkeelStrategyFails']),
		planted('timers that bring no tick', 'no-ticks', ['EvenkeelNoTicks']),
		planted('memory that is never given back', 'memory-leak', ['EvenkeelMemoryHigh']),
	],
};

function planted(what: string, mistake: Mistake, fires: Trouble['fires']): Trouble {
	return {
		what,
		act: async (engine) => engine.plant(mistake),
		after: async (engine) => engine.weedOut(mistake),
		fires,
	};
}

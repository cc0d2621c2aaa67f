/**
 * Settings that change while it runs: the file is followed, what is live goes to the engine as one control event between
 * two ticks, and a person is told of each change. What is wrong in the file, or waits for a restart, reaches nobody else.
 */
import { changeOf } from '../engine/changes.ts';
import type { Runtime } from '../engine/runtime.ts';
import type { Clock } from '../ports/clock.ts';
import type { Change } from './config/changes.ts';
import type { LiveSettings } from './config/live-settings.ts';
import type { Problem } from './config/problem.ts';
import type { Warning } from './config/warnings.ts';
import { ConfigWatch, type ConfigWatchParts } from './config/watch.ts';

/** The file, what was read of it at the start, and who wants to hear. */
export interface FollowedSettings extends Pick<ConfigWatchParts, 'file' | 'sources' | 'start'> {
	/** Without any change, what waited for a restart was taken back. */
	readonly onChanged: (changes: readonly Change[]) => void;
	readonly onRemarked: (warnings: readonly Warning[]) => void;
	/** Nothing has changed. */
	readonly onRefused: (problems: readonly Problem[]) => void;
}

export interface Running {
	readonly runtime: Pick<Runtime, 'control' | 'engine' | 'now'>;
	readonly clock: Clock;
	/** What is in force, where somebody else may change it as well. */
	readonly settings?: LiveSettings | undefined;
}

/** Until it is disposed. */
export function followSettings({ runtime, clock, settings }: Running, followed: FollowedSettings): Disposable {
	const { file, sources, start, onChanged, onRemarked, onRefused } = followed;
	const watch = new ConfigWatch({
		clock,
		...(settings === undefined ? {} : { settings }),
		file,
		sources,
		start,
		mayRaise: () => runtime.engine.mayRaiseLimits(runtime.now().monoMs),
		handler: {
			changed: ({ changes, engineChanges }) => {
				if (engineChanges.length > 0) runtime.control(changeOf(...engineChanges));
				onChanged(changes);
			},
			remarked: onRemarked,
			refused: onRefused,
		},
	});
	watch.start();
	return watch;
}

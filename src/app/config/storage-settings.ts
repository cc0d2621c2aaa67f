/** From the sections about what is kept and how carefully an engine begins, to the values that are used. */
import type { WarmUpSettings } from '../../engine/settings.ts';
import type { CrashLoop } from '../boot.ts';
import type { Config } from './sections.ts';

export function crashLoopOf({ crash_loop: loop }: Pick<Config, 'crash_loop'>): CrashLoop {
	return { crashesMax: loop.max_crashes, windowMs: loop.window * 1_000 };
}

/** BOOT15. A simulation has nothing to be careful with. */
export function warmUpOf({ mode, warm_up: warmUp }: Pick<Config, 'mode' | 'warm_up'>): WarmUpSettings {
	const usual = mode === 'sim' ? { pause: 0, small: 0 } : { pause: 10, small: 60 };
	return {
		pauseMs: (warmUp.pause ?? usual.pause) * 1_000,
		smallMs: (warmUp.small ?? usual.small) * 1_000,
		smallShare: warmUp.small_share,
	};
}

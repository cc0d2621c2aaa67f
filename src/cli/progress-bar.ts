/** How far something is that takes a while: a bar on a terminal, which goes when it is done, and nothing elsewhere. */
import cliProgress from 'cli-progress';

export interface ProgressBar extends Disposable {
	/** Somebody sees it. */
	readonly isSeen: boolean;
	/** With a word about what is being done. */
	show(doneCount: number, doing?: string): void;
}

export function progressBar(total: number): ProgressBar {
	const isSeen = process.stderr.isTTY;
	const bar = new cliProgress.SingleBar({
		...{ format: '{bar} {value}/{total} {doing}', stream: process.stderr, clearOnComplete: true, hideCursor: true },
		...{ barCompleteChar: '█', barIncompleteChar: '░', barsize: 30 },
	});
	if (isSeen) bar.start(total, 0, { doing: '' });
	return {
		isSeen,
		show: (doneCount, doing = '') => {
			if (isSeen) bar.update(doneCount, { doing });
		},
		[Symbol.dispose]: () => bar.stop(),
	};
}

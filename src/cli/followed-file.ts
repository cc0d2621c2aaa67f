/** The settings file of a session that runs: it is read again when it changes, and a person is told what that means. */
import { changeText } from '../app/config/changes.ts';
import { problemLine } from '../app/config/problem.ts';
import { warningLine } from '../app/config/warnings.ts';
import type { ConfigWatchParts } from '../app/config/watch.ts';
import type { FollowedSettings } from '../app/reload.ts';
import { configFile } from './config-file.ts';

export interface FollowedFile {
	readonly path: string;
	/** As it was read at the start. */
	readonly start: ConfigWatchParts['start'];
	/** One line for a person. */
	readonly say: (line: string) => void;
}

export function followedFile({ path, start, say }: FollowedFile): FollowedSettings {
	return {
		file: configFile(path),
		sources: { name: path, environment: process.env },
		start,
		onChanged: (changes) => {
			for (const change of changes) say(changeText(change));
			if (changes.length === 0) say(`${path}: nothing waits for a restart any more`);
		},
		onRemarked: (warnings) => {
			for (const warning of warnings) say(warningLine(warning));
		},
		onRefused: (problems) => {
			say(`${path} has mistakes, so nothing changes:`);
			for (const problem of problems) say(problemLine(problem));
		},
	};
}

/** Whose signals are meant: those of the settings, of a folder that is named, or of the usual one. */
import { configuredSymbols, engineVenue } from '../app/config/traded-symbols.ts';
import { needsBox, venueSettings } from '../app/config/venue-settings.ts';
import { findSymbol, symbolId } from '../app/symbol-names.ts';
import { sayProblems } from './config.ts';
import { dataFolderOf } from './data-place.ts';
import { readSettings } from './read-settings.ts';

export interface FolderFlags {
	readonly config?: string;
	readonly data?: string;
}

export type PlaceFound =
	| { readonly kind: 'found'; readonly folder: string; readonly warnOf: (symbol: string) => void }
	/** It has been said why. */
	| { readonly kind: 'bad'; readonly exitCode: 2 };

export function placeOfSignals(flags: FolderFlags): PlaceFound {
	const read = readSettings(flags.config);
	if (read.kind === 'bad') return { kind: 'bad', exitCode: sayProblems(read.problems) };
	const { config } = read.known;
	const { config: file, data } = flags;
	if (file !== undefined && data === undefined && config.storage.folder === undefined && venueSettings(config).some(needsBox)) {
		warn(`a session that starts its exchange itself shares signals only where ${file} names a folder under storage.folder`);
	}
	const names = configuredSymbols(config).map((each) => {
		return { symbol: each.symbol, id: symbolId(engineVenue(each.account, config), each.category, each.symbol) };
	});
	const warnOf = (symbol: string): void => {
		if (file === undefined || findSymbol(symbol, names).kind !== 'none') return;
		warn(`${symbol} is none of the symbols of ${file}, and is not heeded there: ${names.map(({ id }) => id).join(', ')}`);
	};
	return { kind: 'found', folder: dataFolderOf(read.known, flags), warnOf };
}

function warn(sentence: string): void {
	process.stderr.write(`warning: ${sentence}\n`);
}

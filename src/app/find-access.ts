/**
 * Here alone an app tells one exchange from another: a further one adds a case to each of these functions, its settings,
 * and a file that says what it is opened with.
 */
import { makeCredentials as makeBinanceCredentials } from '../venues/binance/sign.ts';
import { makeCredentials as makeBybitCredentials } from '../venues/bybit/sign.ts';
import { binanceAccess } from './binance-access.ts';
import type { BoxListening } from './box.ts';
import { bybitAccess } from './bybit-access.ts';
import { binanceUrls } from './config/binance-settings.ts';
import { bybitUrls } from './config/bybit-settings.ts';
import type { VenueSettings } from './config/venue-settings.ts';
import type { AccessFound, ApiKey } from './venue-access.ts';

/** `box` is what an exchange in a box that was started for it says when it listens. */
export function findAccess(settings: VenueSettings, box?: Pick<BoxListening, 'bybit' | 'binance'>): AccessFound {
	switch (settings.kind) {
		case 'bybit': {
			const found = bybitUrls(settings, box?.bybit);
			if (found.kind === 'refused') return found;
			return { kind: 'found', accessWith: (key) => bybitAccess(settings, { urls: found.urls, key }) };
		}
		case 'binance': {
			const found = binanceUrls(settings, box?.binance);
			if (found.kind === 'refused') return found;
			return { kind: 'found', accessWith: (key) => binanceAccess(settings, { urls: found.urls, key }) };
		}
	}
}

export function checkKey(
	{ kind }: Pick<VenueSettings, 'kind'>,
	key: ApiKey,
): { readonly kind: 'made' } | { readonly kind: 'refused'; readonly sentence: string } {
	switch (kind) {
		case 'bybit':
			return makeBybitCredentials(key);
		case 'binance':
			return makeBinanceCredentials(key);
	}
}

/** As people call it. */
export function exchangeName({ kind }: Pick<VenueSettings, 'kind'>): string {
	switch (kind) {
		case 'bybit':
			return 'Bybit';
		case 'binance':
			return 'Binance';
	}
}

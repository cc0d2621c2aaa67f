import { expect, test } from 'vitest';
import { importPeer, importPeerFile, PeerMissingError } from './peers.ts';

test('a peer that is not installed is named, with what to do', async () => {
	await expect(importPeer('no-such-peer')).rejects.toThrow(PeerMissingError);
	await expect(importPeerFile('no-such-peer', 'index.js')).rejects.toThrow("'no-such-peer', which is not installed: run npm ci");
});

test('a peer is found, and so is a file inside it that it does not export', async () => {
	expect(await importPeer<object>('orderbooks')).toHaveProperty('OrderBooksStore');
	expect(await importPeerFile<object>('ccxt', 'js/src/base/ws/OrderBook.js')).toHaveProperty('OrderBook');
});

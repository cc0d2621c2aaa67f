/** A bare server in a thread of its own: HTTP answers with a fixed text, sockets with what they got. Posts its port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';
import { WebSocketServer } from 'ws';

const REPLY = JSON.stringify({ retCode: 0, retMsg: 'OK', result: { list: 'x'.repeat(1_000) } });

const http = createServer((message, response) => {
	message.resume().on('end', () => {
		response.writeHead(200, { 'content-type': 'application/json', 'content-length': REPLY.length });
		response.end(REPLY);
	});
});
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
sockets.on('connection', (socket) => {
	socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
http.listen(0, '127.0.0.1', () => parentPort?.postMessage((http.address() as AddressInfo).port));

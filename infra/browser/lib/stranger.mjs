// Another site: a page of its own that sends whatever forms it likes to us.
import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * Serves one empty page until the test ends. Answers its port: under 127.0.0.1 it is another origin of the same site, to which
 * browsers send our cookies, under localhost another site.
 */
export async function serve(t) {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>A stranger</title></html>');
  }).listen(0);
  await once(server, 'listening');
  t.after(() => server.close());
  // a connection a browser keeps must not keep the tests from ending
  server.unref();
  return server.address().port;
}

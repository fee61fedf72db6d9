import { defineConfig, profiles } from 'pacewright';

const port = Number(process.env['SHOP_PORT'] ?? 4173);

export default defineConfig({
  use: { baseURL: `http://127.0.0.1:${port}` },
  projects: [
    { name: 'desktop', use: profiles.desktop },
    { name: 'mobile', use: profiles.mobile, testMatch: 'shop.perf.ts' },
  ],
  compare: {
    build: 'node examples/shop/build.ts',
    start: 'node examples/shop/server.ts --port {port}',
  },
  webServer: {
    command: `node examples/shop/server.ts --port ${port}`,
    url: `http://127.0.0.1:${port}`,
    reuseExistingServer: !process.env['CI'],
    stdout: 'pipe',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 5000 },
  },
});

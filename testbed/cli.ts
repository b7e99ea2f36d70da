import { startCluster } from './cluster.ts';
import { TestbedError } from './errors.ts';

/** `npm run testbed`: a cluster until Ctrl-C. */
try {
  const log = (line: string) => console.error(line);
  const cluster = await startCluster({ log });
  console.log(
    [
      '',
      `API server   ${cluster.server}`,
      `kubeconfig   ${cluster.kubeconfigPath}`,
      `logs         ${cluster.folder}/*.log, audit.log`,
      '',
      'In another terminal:',
      `  export KUBECONFIG=${cluster.kubeconfigPath} PATH=${cluster.connection.kubectlPath.replace(/\/kubectl$/, '')}:$PATH`,
      '  kubectl create deployment web --image=registry.example/web:v1 && kubectl get pods --watch',
      '',
      'Ctrl-C stops it and removes everything.',
    ].join('\n'),
  );
  const server = cluster.servers['kube-apiserver'];
  const reason = await Promise.race([
    ...(['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(
      (signal) => new Promise<string>((resolve) => process.once(signal, () => resolve(signal))),
    ),
    server.exited.then(async () => `kube-apiserver ended:\n${await server.logTail()}`),
  ]);
  log(`testbed: stopping (${reason})`);
  await cluster.stop();
} catch (error) {
  // Its hint says what to do; a stack would only hide that.
  console.error(error instanceof TestbedError ? `testbed: ${error.message}` : error);
  process.exitCode = 1;
}

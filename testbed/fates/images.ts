import { randomInt } from 'node:crypto';
import { begin, type Script } from './script.ts';

/** v3-image-tag-missing */
export const imageNotFound: Script = failingPull(
  (image) =>
    `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve image: ${image}: not found`,
);

/** v3b-registry-unreachable: the port differs each time, so its events do not add up. */
export const registryUnreachable: Script = failingPull((image) => {
  const [registry = '', ...path] = image.split('/');
  const [repository, tag = 'latest'] = path.join('/').split(':');
  const port = randomInt(32_768, 60_999);
  return (
    `failed to pull and unpack image "${image}": failed to resolve image: failed to do request: ` +
    `Head "https://${registry}/v2/${repository}/manifests/${tag}": dial tcp: lookup ${registry} on 127.0.0.1:53: ` +
    `read udp 127.0.0.1:${port}->127.0.0.1:53: read: connection refused`
  );
});

/** The reason shown alternates between the attempt and the back-off, 11 to 12 s each. */
function failingPull(failure: (image: string) => string): Script {
  return async (run) => {
    const container = run.first;
    const { image } = container.spec;
    await begin(run);
    await run.pause(0.3);
    for (;;) {
      const message = failure(image);
      await run.event('Normal', 'Pulling', `Pulling image "${image}"`, container);
      await run.event('Warning', 'Failed', `Failed to pull image "${image}": ${message}`, container);
      await run.event('Warning', 'Failed', 'Error: ErrImagePull', container);
      await run.wait(container, 'ErrImagePull', message);
      await run.pause(1);
      const sayBackOff = async () => {
        await run.event('Normal', 'BackOff', `Back-off pulling image "${image}"`, container);
        await run.event('Warning', 'Failed', 'Error: ImagePullBackOff', container);
      };
      await sayBackOff();
      await run.pause(10.5);
      await run.wait(container, 'ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${message}`);
      await run.pause(11);
    }
  };
}

/** v3c-invalid-image-name */
export const invalidImageName: Script = async (run) => {
  const container = run.first;
  const { image } = container.spec;
  const repository = image
    .replace(/:[^:/]*$/, '')
    .split('/')
    .at(-1);
  const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format: repository name (${repository}) must be lowercase`;
  await begin(run);
  await run.pause(1.2);
  for (let first = true; ; first = false) {
    await run.event('Warning', 'InspectFailed', message, container);
    await run.event('Warning', 'Failed', 'Error: InvalidImageName', container);
    if (first) await run.wait(container, 'InvalidImageName', message);
    await run.pause(first ? 0.5 : 12);
  }
};

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Install scripts only fetch what this image has already (Node.js, ffmpeg) or never uses (CUDA).
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build \
 && npm prune --omit=dev --ignore-scripts \
 && rm -rf node_modules/@ffmpeg-installer node_modules/onnxruntime-node/bin/*/darwin node_modules/onnxruntime-node/bin/*/win32

FROM node:24-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ffmpeg \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o node -g node -m 0700 /data
WORKDIR /app
COPY --from=build /app .
# Inside the container every address is its own; which of the host's addresses lead here is for `docker run -p` to say.
ENV NODE_ENV=production \
    WANGLOU_DATA=/data \
    WANGLOU_HTTP_HOST=0.0.0.0 WANGLOU_HTTP_PORT=8080 WANGLOU_HTTP_INSECURE=true \
    WANGLOU_MQTT_HOST=0.0.0.0 WANGLOU_MQTT_PORT=1883 WANGLOU_MQTT_INSECURE=true
USER node
VOLUME /data
EXPOSE 8080 1883
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WANGLOU_HTTP_PORT}/api/v1/health`).then((r) => r.json()).then(({ status }) => process.exit(status === 'ok' ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/app/cli.ts"]
CMD ["start"]

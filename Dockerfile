# Node.js bundles the front end while cargo builds.
FROM node:20-bookworm-slim AS node

FROM rust:1.95-slim-bookworm AS build
COPY --from=node /usr/local/bin/node /usr/local/bin/
COPY --from=node /usr/local/lib/node_modules/npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /source
COPY . .
RUN scripts/build-image-steps /image

FROM debian:bookworm-slim
RUN groupadd --gid 10001 meshwright \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin meshwright \
 && install -d -o 10001 -g 10001 -m 750 /data
COPY --from=build /image/meshwright /usr/local/bin/
ENV MESHWRIGHT_LISTEN=0.0.0.0:3000 MESHWRIGHT_DATA_DIR=/data MESHWRIGHT_LOG_FORMAT=json
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["meshwright", "healthcheck"]
ENTRYPOINT ["meshwright"]
CMD ["serve"]

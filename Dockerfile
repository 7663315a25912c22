# syntax=docker/dockerfile:1
# Build:  docker build -t eider .
# Run:    docker run -p 8080:8080 -v eider-data:/data -v "$PWD/knowledge:/knowledge:ro" eider

FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends build-essential && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
# Dependencies first: a layer that changes only with Cargo.lock.
RUN mkdir src && echo 'fn main() {}' > src/main.rs && cargo build --profile dist --locked && rm -rf src
COPY src src
COPY docs/check.md docs/check.md
COPY knowledge knowledge
RUN touch src/main.rs && cargo build --profile dist --locked

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin eider \
    && install -d -o eider -g eider /data /data/index /knowledge
COPY --from=build /src/target/dist/eider /usr/local/bin/eider
COPY --from=build --chown=eider:eider /src/knowledge /knowledge
USER eider
ENV EIDER_LISTEN=0.0.0.0:8080 EIDER_DATA=/data EIDER_INDEX=/data/index EIDER_KNOWLEDGE=/knowledge
VOLUME ["/data", "/knowledge"]
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s CMD ["curl", "-fsS", "http://127.0.0.1:8080/readyz"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["eider"]
CMD ["serve"]

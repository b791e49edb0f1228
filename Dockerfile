# syntax=docker/dockerfile:1
# For production, pin both images by digest: FROM name@sha256:…

FROM rust:1.95-bookworm AS build
# `no` for a build in a third of the time, which takes up to a third more CPU a request.
ARG TRAINED=yes
# aws-lc-sys builds its C code with cmake where it has no bindings for the platform. The rest is what
# benches/peers/train needs: the tools of the LLVM that this rustc has, and what it is exercised with.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends cmake \
    && case "$TRAINED-$(uname -m)" in yes-x86_64) \
        apt-get install --yes --no-install-recommends llvm-22 bolt-22 nginx-light wrk python3 util-linux ;; \
    esac \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN mkdir -p /out/data \
    && case "$TRAINED-$(uname -m)" in \
        yes-x86_64) benches/peers/train /out/sluis ;; \
        *) cargo build --locked --release && cp target/release/sluis /out/ ;; \
    esac

FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="sluis" \
      org.opencontainers.image.description="A reverse proxy in the EU that keeps personal data out of a US-hosted CRM" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /out/sluis /usr/local/bin/sluis
# A new volume takes over owner and mode of the folder that it is mounted on.
COPY --from=build --chown=nonroot:nonroot --chmod=700 /out/data /var/lib/sluis
USER nonroot:nonroot
# The root may be read-only: state is in the volume, configuration in a mount.
VOLUME /var/lib/sluis
EXPOSE 8443
# `ops_listen` of sluis.toml: 127.0.0.1:9901, inside the container.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["/usr/local/bin/sluis", "healthcheck"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/sluis"]
CMD ["serve", "--config", "/etc/sluis/sluis.toml"]

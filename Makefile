.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin

proto: ## Regenerate protos/gen from protos/
	rm -rf protos/gen && mkdir -p protos/gen
	cd protos && PATH="$(CURDIR)/$(BIN):$$PATH" python -m grpc_tools.protoc -I . -I third_party \
	  -I $$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' ) \
	  --python_out=gen --mypy_out=gen --grpc_python_out=gen --mypy_grpc_out=gen \
	  $$(find cinema -name '*.proto' | sort) buf/validate/validate.proto

"""The client of TypeScript: types by openapi-typescript, calls by openapi-fetch, checked strictly and calling
the running service."""

import pytest
from client_tools import CONTRACT, NODE, done


@pytest.fixture(scope="module")
def made(packages):
    """The journey beside the types that were made of the contract, checked by the compiler."""
    bin_ = packages / "node_modules"
    done(
        NODE,
        bin_ / "openapi-typescript" / "bin" / "cli.js",
        CONTRACT,
        "--default-non-nullable",
        "false",
        "--output",
        "crimebook.ts",
        cwd=packages,
    )
    done(NODE, bin_ / "typescript" / "bin" / "tsc", "--project", "tsconfig.json", cwd=packages)
    return packages


def test_the_generated_client_of_typescript_does_a_whole_journey(made, called):
    assert done(NODE, "journey.ts", called.url, called.key, cwd=made) == "the journey is done\n"

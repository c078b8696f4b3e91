import pytest
from tests.demo.double import Switch
@pytest.fixture(scope="session", autouse=True)
def double():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("monitor.demo.day.Switch", Switch)
        yield

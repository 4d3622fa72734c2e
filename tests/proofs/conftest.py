from tests.company import world as world

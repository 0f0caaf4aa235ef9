"""Laws of MetaQNN: the backup by hand, the Q-values by dynamic programming, the schedule."""

from collections import Counter

import pytest
import torch
from scipy.stats import chisquare

from course_lib.core import Oracle, Space, Trial, make_rng
from course_lib.nas.q_learning import QTable, metaqnn_epsilon, q_backup, q_learning

SPACES = {"plain": Space((3, 2, 4)), "stop": Space((3, 3, 3), stop=2)}
every_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


def length(space, arch):
    """Tokens up to and with the first stop."""
    return arch.index(space.stop) + 1 if space.stop in arch else len(arch)


def last_pair(space, arch):
    """A reward that depends on the last transition alone, so that (position, token) is a state."""
    end = length(space, arch)
    before = arch[end - 2] if end > 1 else 0
    return (7 * end + 3 * before + 5 * arch[end - 1]) % 11 / 10


def exact_values(space, reward, discount):
    """Q(position, before, action) by dynamic programming from the last position to the first."""
    depth, exact = len(space.choices), {}
    for position in reversed(range(depth)):
        for before in range(space.choices[position - 1] if position else 1):
            for action in range(space.choices[position]):
                if position == depth - 1 or action == space.stop:
                    exact[position, before, action] = reward(position, before, action)
                else:
                    following = range(space.choices[position + 1])
                    exact[position, before, action] = discount * max(
                        exact[position + 1, action, a] for a in following
                    )
    return exact


@every_space
@pytest.mark.parametrize("discount", [1.0, 0.9])
def test_values_converge_to_dynamic_programming(space, discount):
    def reward(position, before, action):
        return (7 * (position + 1) + 3 * before + 5 * action) % 11 / 10

    table = QTable(space)
    strings = list(space)
    rewards = [last_pair(space, arch) for arch in strings]
    for _ in range(60):
        table.learn(strings, rewards, learning_rate=0.5, discount=discount)
    for (position, before, action), value in exact_values(space, reward, discount).items():
        if before != space.stop:
            assert table.values[position, before, action].item() == pytest.approx(value, abs=1e-9)


@every_space
def test_greedy_strings_are_then_optimal(space):
    table = QTable(space, initial=0.0)
    strings = list(space)
    rewards = [last_pair(space, arch) for arch in strings]
    for _ in range(60):
        table.learn(strings, rewards, learning_rate=0.5)
    for seed in range(10):
        greedy = table.draw(make_rng(seed), epsilon=0.0)
        assert last_pair(space, greedy) == max(rewards)


def test_one_string_learned_at_rate_one_is_copied_from_its_end_to_its_start():
    table = QTable(Space((2, 2, 2)), initial=0.0)
    table.learn([(1, 0, 1)], [0.8], learning_rate=1.0)
    assert [table.values[i, b, a].item() for i, b, a in ((0, 0, 1), (1, 1, 0), (2, 0, 1))] == [
        0.8
    ] * 3
    assert (table.values != 0).sum() == 3


def test_several_visits_weigh_as_many_single_ones():
    """n equal targets at once are n steps: (1 - rate)^n of the old value is left."""
    space = Space((2,))
    together, apart = QTable(space), QTable(space)
    together.learn([(1,)] * 7, [0.9] * 7, learning_rate=0.1)
    for _ in range(7):
        apart.learn([(1,)], [0.9], learning_rate=0.1)
    torch.testing.assert_close(together.values, apart.values)
    assert together.values[0, 0, 1].item() == pytest.approx(0.9 - 0.4 * 0.9**7)


def test_nothing_after_the_stop_is_learned_from():
    space = SPACES["stop"]
    table = QTable(space, initial=0.5)
    table.learn([(0, 2, 2)], [1.0], learning_rate=0.5)
    assert table.values[1, 0, 2] == 0.75
    assert (table.values[2] == 0.5).all()


def test_backup_by_hand():
    reward = torch.tensor([0.2, 0.0, 0.9])
    next_q = torch.tensor([[0.5, 0.1], [0.3, 0.7], [5.0, 6.0]])
    terminal = torch.tensor([False, False, True])
    target = q_backup(reward, next_q, terminal, discount=0.5)
    torch.testing.assert_close(target, torch.tensor([0.45, 0.35, 0.9]))
    torch.testing.assert_close(q_backup(reward, next_q, terminal)[0], torch.tensor(0.7))


@every_space
def test_full_exploration_is_the_uniform_draw_of_the_space(space):
    table, rng = QTable(space), make_rng(0)
    counts = Counter(table.draw(rng, epsilon=1.0) for _ in range(4000))
    chances = []
    for arch in space:
        chance = 1.0
        for count in space.choices[: length(space, arch)]:
            chance /= count
        chances.append(chance)
    # false alarm 1e-4, and the seed is fixed
    expected = [4000 * chance for chance in chances]
    assert chisquare([counts[arch] for arch in space], expected).pvalue > 1e-4


def test_the_schedule_falls_in_stages_from_one_to_a_tenth():
    shares = [i / 2700 for i in range(2701)]
    epsilons = [metaqnn_epsilon(share) for share in shares]
    assert epsilons == sorted(epsilons, reverse=True)
    assert (epsilons[0], epsilons[-1]) == (1.0, 0.1)
    # Baker et al. 2017, table 2: 1500 of 2700 networks explore, 150 are trained at 0.1
    counts = Counter(epsilons[:-1])
    assert counts[1.0] == 1500
    assert counts[0.9] == counts[0.8] == counts[0.7] == 100
    assert all(counts[e / 10] == 150 for e in range(1, 7))


def test_search_ends_among_better_strings_than_it_began_with():
    space = Space((5,) * 5)

    def measure(arch):
        return Trial(arch, sum(a == (3 * i + 1) % 5 for i, a in enumerate(arch)) / 5)

    seen = []

    def watched(progress):
        seen.append(progress)
        return metaqnn_epsilon(progress)

    values = q_learning(space, Oracle(measure, 600), make_rng(0), epsilon=watched).values
    assert values[-60:].mean() > values[:300].mean() + 0.2
    assert seen[:600] == pytest.approx([i / 600 for i in range(600)])


def test_a_wrong_backup_is_named():
    def my_backup(reward, next_q, terminal, *, discount):
        return reward + discount * next_q.amax(0)

    def run(space):
        q_learning(space, Oracle(lambda arch: Trial(arch, 0.5), 9), make_rng(0), backup=my_backup)

    with pytest.raises((ValueError, RuntimeError)):
        run(Space((3, 3)))

    def my_scalar(reward, next_q, terminal, *, discount):
        return reward.mean()

    with pytest.raises(ValueError, match=r"backup=my_scalar returned shape \(\).*wrong axis"):
        q_learning(
            Space((3, 3)),
            Oracle(lambda arch: Trial(arch, 0.5), 9),
            make_rng(0),
            backup=my_scalar,
        )


@pytest.mark.parametrize("settings", [{"replay": 0}, {"learning_rate": 0}, {"learning_rate": 1.5}])
def test_senseless_settings_are_refused(settings):
    oracle = Oracle(lambda arch: Trial(arch, 0.5), 9)
    with pytest.raises(ValueError, match="expected replay >= 1 and 0 < learning_rate <= 1"):
        q_learning(Space((3, 3)), oracle, make_rng(0), **settings)
    assert oracle.spent == 0

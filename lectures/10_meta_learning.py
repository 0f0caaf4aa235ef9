# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # Lecture 10: Meta-learning
#
# So far a search chose the network. Now something chooses *how it learns*: the rule of its updates, its rates and decays, the point where it starts. The chosen thing is trained on many tasks, and judged by how fast a learner that has it masters a task that nobody has seen.
#
# **After this lecture you can**
#
# 1. tell the two loops apart: a learner that learns a task, a meta-learner that is trained over tasks;
# 2. run three approaches from before 1993: a learned synaptic rule, a rule found by evolution, fast weights;
# 3. compute the gradient of a validation loss with respect to every learning rate of a training, and do so without storing the training;
# 4. write MAML, and say what first order, Reptile, ANIL and learned step sizes change;
# 5. evaluate few-shot learning honestly: classes never seen, 600 episodes, no leak between queries.
#
# **You need** gradients and small networks in PyTorch; lecture 03 for the second-order term of DARTS, which comes back here. No GPU, no network connection.
#
# | part | minutes |
# |---|---|
# | Early approaches | 20 |
# | Tasks and episodes; the general form | 15 |
# | Gradients through training | 15 |
# | Transfer and MAML; first order, and relatives | 30 |
# | Few-shot glyphs, hallucinated examples, a wrong-answer gallery | 25 |
#
# Run the cells in order with Shift + Enter. Code that only draws is collapsed: a click on its dots opens it. Boxes marked *Predict first* are there to be answered before the next cell is run. Words that are new to you stand in the [glossary](glossary.md).

# %% slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
from functools import partial

import numpy as np
import torch
from IPython.display import Markdown
from torch.nn import functional as F

from course_lib.core import make_rng
from course_lib.core.statistics import paired_difference
from course_lib.meta.conv_network import features
from course_lib.meta.evaluate import episode_accuracies
from course_lib.meta.maml import inner_loop as library_inner_loop
from course_lib.meta.prototypes import prototypes
from course_lib.meta.synaptic_rule import TERMS
from course_lib.meta.trained_glyphs import trained_glyphs
from course_lib.show.claims import claim
from course_lib.show.figure import picture, pictures
from course_lib.show.lines import lines_info, plot_lines
from course_lib.show.measured import read_measured
from course_lib.show.meta.bayes_linear import FAN, bayes_info, plot_answers, plot_prior
from course_lib.show.meta.episode_demo import EpisodeDemo, by_pixels, by_script
from course_lib.show.meta.fast_weights_demo import FastWeightsDemo, recorded_network
from course_lib.show.meta.glyphs import glyphs_info, plot_glyphs
from course_lib.show.meta.hallucination import (
    hallucination_info,
    plot_hallucination,
    shots_info,
)
from course_lib.show.meta.hypergradients import convergence_info, rates_info
from course_lib.show.meta.landscape_demo import LandscapeDemo
from course_lib.show.meta.reversible_demo import ReversibleDemo
from course_lib.show.meta.rule_trees_demo import RuleTreesDemo
from course_lib.show.meta.sinusoid_demo import SinusoidDemo
from course_lib.show.meta.synaptic_demo import SynapticRuleDemo

torch.set_num_threads(1)  # small networks are no faster on more

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Early approaches
#
# The idea is older than the word. Three lines of work began it, and all three run here on a laptop in seconds.
#
# **A learned synaptic rule** (Bengio, Bengio and Cloutier, 1990 and 1992). A synapse knows little: what comes in, what its neuron does, its own weight, perhaps a signal that says whether things go well. Write its change as a formula of these local quantities with unknown coefficients, let networks with this rule learn many small tasks, and adjust the *coefficients* by gradient descent. Backpropagation trains the rule; the rule trains the network.

# %% slideshow={"slide_type": "fragment"}
from course_lib.core.meta_train import meta_train
from course_lib.meta.neuron import learn, presentations, threshold_functions


def products(*variables):
    """All sixteen products of pre, post, weight and teacher: 1, pre, post, pre post, ..."""
    terms = [torch.ones_like(variables[0])]
    for variable in variables:
        terms += [term * variable for term in terms]
    return torch.stack(terms, -1)


def rule_objective(theta, tasks, rng, carry):  # rng, carry: for objectives with noise or a state
    rule = lambda *local: products(*local) @ theta["rule"]  # noqa: E731
    weights = learn(rule, tasks.support_x, tasks.support_y)  # every task trains a neuron
    answers = torch.einsum("sti,tmi->stm", weights[1:], tasks.query_x).tanh()  # at every moment
    return (answers - tasks.query_y).square().mean(), carry


patterns, functions = threshold_functions(4)  # all 1,882 that one neuron with four inputs can learn
order = torch.randperm(len(functions), generator=make_rng(0))
seen, unseen = order.chunk(2)
random_rule = {"rule": 0.01 * torch.randn(16, generator=make_rng(1))}
learned_rule, rule_log = meta_train(
    random_rule,
    rule_objective,
    lambda rng: presentations(patterns, functions[seen], rng, tasks=32),
    make_rng(0),
    steps=100,
    optimizer=partial(torch.optim.Adam, lr=0.02),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
largest = sorted(
    zip(learned_rule["rule"].tolist(), TERMS, strict=True), key=lambda pair: -abs(pair[0])
)[:4]
Markdown(
    f"In {len(rule_log)} meta-steps the error at a moment of learning fell from {rule_log['loss'][0]:.2f} to "
    f"{rule_log['loss'][-10:].mean():.2f}. The largest of sixteen coefficients, one seed: "
    + ", ".join(f"{value:+.2f} for *{term or 'constant'}*" for value, term in largest)
    + ". The delta rule is +pre teacher - pre post."
)

# %% slideshow={"slide_type": "subslide"} tags=["demo"] jupyter={"source_hidden": true}
synaptic_demo = SynapticRuleDemo()
synaptic_demo

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Fast weights** (Schmidhuber, 1992). A recurrent network remembers in its activities. Here a *slow* network, trained by gradient descent, has no feedback at all; at every step it emits two vectors, *from* and *to*, and their outer product is added to the weights of a second, *fast* network: $W \leftarrow \tanh(W + \text{to}\,\text{from}^\top)$. The slow weights hold what all sequences have in common, how to store and how to ask; the fast ones hold this sequence. (Linear attention without its normalization is the same product.)


# %% slideshow={"slide_type": "fragment"}
def fast_network(theta, x):
    hidden = (x @ theta["hidden"] + theta["bias"]).tanh()  # the slow network sees every step alone
    keys, values = (hidden @ theta["from"]).tanh(), (hidden @ theta["to"]).tanh()
    fast, answers = theta["fast"].expand(len(x), -1, -1), []
    for key, value in zip(keys.unbind(1), values.unbind(1), strict=True):
        answers.append((fast @ key[..., None])[..., 0])
        fast = (fast + value[..., None] * key[:, None]).tanh()
    return torch.stack(answers, 1)


from course_lib.meta.fast_weights import episodes, run

slow, sequences = recorded_network(), episodes(make_rng(0), count=200)  # pairs, noise, questions
recall = fast_network(slow, sequences.x)
assert torch.allclose(recall, run(slow, sequences.x)[0], atol=1e-5)
asked = float((recall[:, -3:].sign() == sequences.y).float().mean())

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"Three pairs among five distractors, 200 sequences that were not trained on: {asked:.1%} of the bits come back. Without the "
    "fast weights it would be half of them: the slow network alone has no memory."
)

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
fast_weights_demo = FastWeightsDemo(moment=8)
fast_weights_demo

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Evolution of a rule** (Schmidhuber's diploma thesis of 1987 lets programs breed programs). Write a learning rule as a tree of $+$, $-$, $\times$ and sign over what a synapse knows; let a population of trees train neurons; let the fitter ones exchange branches. No gradient is needed, so a rule may have any form.
#
# One more idea of the time is only told here: in the self-referential network of 1993 there is no separate meta-learner. The network sees its errors among its inputs, and has outputs by which it reads and changes all of its own weights, those included that do the changing.

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from itertools import islice

from course_lib.meta.rule_trees import evolve, fitness, simplified, written

bred_on = presentations(*threshold_functions(3), make_rng(0), tasks=60)
generations = list(islice(evolve(partial(fitness, tasks=bred_on), make_rng(1)), 12))
rules = [(written(simplified(one.best)), one.members[0][1]) for one in generations]

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    "The fittest tree of a population of 300, and its share of wrong answers after learning (a node costs 0.001):\n\n"
    + "\n".join(f"- generation {n}: `{rules[n][0]}`, {rules[n][1]:.3f}" for n in (0, 2, 5, 11))
    + "\n\nOne run. `(teacher - post)` times `pre` would be the delta rule."
)

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
rule_trees_demo = RuleTreesDemo()
rule_trees_demo

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Tasks and episodes
#
# All of them share one picture. A *task* has two parts: a **support** set to learn from and a **query** set to be asked. A learner sees the support; the meta-learner sees how well it then answers the queries, and is changed so that the next learner does better. Tasks are drawn from a distribution, and tasks for the test are drawn from *other* classes: what is measured is not what was learnt but how well something new is learnt.
#
# In few-shot classification a task is an *episode*, $N$-way $K$-shot: $N$ classes, $K$ support images of each. Three details are easy to get wrong, and each is a leak. Support and query share no image. The classes get new labels $0, \dots, N-1$ in every episode, in random order, or the network learns the labels by heart. And no statistic flows from one query to the next.


# %% slideshow={"slide_type": "fragment"}
def sample_episode(labels, rng, *, ways, shots, queries):
    classes = labels.unique()
    chosen = classes[torch.randperm(len(classes), generator=rng)[:ways]]  # new labels, new order
    support, query = [], []
    for name in chosen:
        own = (labels == name).nonzero()[:, 0]
        drawn = own[torch.randperm(len(own), generator=rng)[: shots + queries]]
        support.append(drawn[:shots])
        query.append(drawn[shots:])
    return torch.stack(support), torch.stack(query)


# %% slideshow={"slide_type": "fragment"}
from course_lib.meta.glyphs import glyphs

few = glyphs()  # more than a thousand characters, drawn from matplotlib's fonts
support, query = sample_episode(few.test.labels, make_rng(0), ways=5, shots=1, queries=3)
assert not set(support.flatten().tolist()) & set(query.flatten().tolist())

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
prototypes_of_maml = lambda ways: (prototypes(features, ways=ways), trained_glyphs().theta)  # noqa: E731
episode_demo = EpisodeDemo(
    by_script(few), {"nearest pixels": by_pixels, "means of MAML's features": prototypes_of_maml}
)
episode_demo

# %% [markdown] slideshow={"slide_type": "subslide"}
# Two curves belong to two loops. The **elementary** curve is what every course shows: the loss of one learner on one task, against its steps. The **meta-learning** curve is the loss *after* learning, on new tasks, against the steps of the meta-learner. Below, left a network that starts from random weights, right a run of MAML, which the rest of this lecture takes apart.

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.meta.sinusoids import regressor, sinusoid_tasks
from course_lib.meta.starts import maml_on, sinusoid_starts, train_start
from course_lib.meta.transfer import adaptation_losses

random_theta, network = regressor(make_rng(0))  # 1-40-40-1, ReLU
new_tasks = sinusoid_tasks(make_rng(99), tasks=200, shots=10, queries=50)
fine_tune = partial(adaptation_losses, predict=network, loss=F.mse_loss, lr=0.01)
high = int(new_tasks.query_y.var((1, 2)).argmax())  # a sinusoid of large amplitude
elementary = fine_tune(random_theta, new_tasks.part(slice(high, high + 1)), steps=100)[0]
one_step = partial(library_inner_loop, lr=0.01)
_, meta_log = train_start(maml_on(network, one_step), make_rng(0), steps=800)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
smooth = np.convolve(meta_log["loss"], np.ones(50) / 50, mode="valid")
pictures(
    (
        plot_lines,
        lines_info(
            range(101),
            {"one learner, one task": elementary},
            x="steps of the learner",
            y="squared error",
        ),
    ),
    (
        plot_lines,
        lines_info(
            np.arange(len(smooth)) + 50,
            {"after one inner step": smooth},
            x="steps of the meta-learner",
            y="squared error on new tasks",
        ),
    ),
    caption="Left, an elementary curve: a network with random weights learns one sinusoid from ten points. Right, a "
    "meta-learning curve: every point is the mean over 25 tasks nobody has met before, after one step of learning; a running "
    "mean over 50 meta-steps. One seed.",
    size=(12.5, 4.2),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The general form
#
# With $\mathcal D_{\text{meta-train}} = \{\mathcal D_1, \dots, \mathcal D_n\}$,
#
# $$\theta^* = \arg\max_\theta \log p(\theta \mid \mathcal D_{\text{meta-train}}), \qquad \phi^* = \arg\max_\phi \log p(\phi \mid \mathcal D, \theta^*).$$
#
# What is $\theta$? Whatever tasks have in common. Bayesian linear regression has both answers in closed form: every task has its own weights $w_i \sim \mathcal N(\mu, \Sigma)$ and examples $y = w_i^\top x + \varepsilon$. Then $\theta = (\mu, \Sigma)$ is the prior that the tasks suggest, and $\phi^*$ the posterior mean
#
# $$\phi^* = \mu + \Sigma X^\top \bigl(X \Sigma X^\top + \sigma^2 I\bigr)^{-1} (y - X \mu).$$


# %% slideshow={"slide_type": "fragment"}
def posterior_mean(mean, covariance, noise, x, y):
    seen = x @ covariance
    spread = seen @ x.T + noise**2 * torch.eye(len(x), dtype=x.dtype)
    return mean + seen.T @ torch.linalg.solve(spread, y - x @ mean)


from course_lib.meta.bayes_linear import learn_prior, seen_lines

rng = make_rng(0)
lines = seen_lines(FAN.sample(rng, 200), rng, noise=FAN.noise)  # lines that nearly meet at x = -1
prior = learn_prior(lines.support_x, lines.support_y, noise=FAN.noise)  # theta*, by EM
phi = posterior_mean(
    prior.mean, prior.covariance, prior.noise, lines.support_x[0, :1], lines.support_y[0, :1]
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# And MAML? Its $\theta$ is a single point, the start. What it does to that point with one gradient step is also linear in $y$, so its best start is a least-squares solution. Few gradient steps pull towards the start, as a prior does; but a prior knows in *which directions* tasks differ, and a step of gradient descent knows only where the examples lie.
#
# > **Predict first.** All lines nearly meet at $x = -1$. One example, at the right. Which of the three will pass through the meeting point: the posterior mean, MAML's line, least squares?

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
one_example = bayes_info(shots=1, seed=5)
pictures(
    (plot_prior, one_example),
    (plot_answers, one_example),
    caption="Left, lines of meta-training and the prior learnt from them, two standard deviations. Right, a new line after one "
    "example. Mean squared error over 500 new lines: "
    + ", ".join(f"{name} {error:.3f}" for name, error in one_example.errors.items())
    + ". One draw of 200 tasks.",
    size=(12, 4.2),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Gradients through training
#
# What a learner is given may also be a list of numbers: a learning rate for every step, a weight decay for every layer. The validation loss after $T$ steps is a function of all of them, and a differentiable one. For plain gradient descent $\theta_{t+1} = \theta_t - \eta_t\, g_t$ with $g_t = \nabla L_t(\theta_t)$, the chain rule runs backwards through the training. With $\lambda_T = \nabla L_{\text{valid}}(\theta_T)$,
#
# $$\frac{\partial L_{\text{valid}}}{\partial \eta_t} = -\lambda_{t+1}^\top g_t, \qquad \lambda_t = \lambda_{t+1} - \eta_t\, \nabla^2 L_t(\theta_t)\, \lambda_{t+1}.$$
#
# No Hessian is ever formed: a product of it with a vector costs about as much as a gradient.


# %% slideshow={"slide_type": "fragment"}
def hypergradient(theta, train_loss, valid_loss, rates):
    visited = [theta]
    for t, rate in enumerate(rates):
        visited.append(visited[-1] - rate * torch.func.grad(train_loss)(visited[-1], t))
    slope, answer = torch.func.grad(valid_loss)(visited.pop()), torch.zeros_like(rates)
    for t in reversed(range(len(rates))):

        def along(theta, t=t, slope=slope):
            return torch.func.grad(train_loss)(theta, t) @ slope

        times_hessian, inner = torch.func.grad_and_value(along)(visited.pop())
        answer[t], slope = -inner, slope - rates[t] * times_hessian
    return answer


from course_lib.meta.digits_training import DigitsTraining, learn_schedule, tune

digits = DigitsTraining(make_rng(0), steps=50)  # 200 handwritten digits, a network 64-32-10
run = digits.draw(make_rng(1))  # weights to start from, and the batch of every step
loss_with_decay, no_decay = digits.train_loss(run), torch.zeros(2)
constant_rates = torch.full((50,), 0.3)
found = hypergradient(
    run.start, lambda w, t: loss_with_decay(w, no_decay, t), digits.loss, constant_rates
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_lines,
    lines_info(
        range(50),
        {"derivative": found},
        x="step",
        y="validation loss after training\nper unit of the step's rate",
        marks={"no effect": 0.0},
    ),
    caption=f"Fifty hypergradients of one training, found by running it backwards once. {int((found < 0).sum())} of 50 are "
    "negative: there a larger rate would have helped. One training.",
    size=(10, 4.2),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The price is memory: every $\theta_t$ is kept. Maclaurin, Duvenaud and Adams (2015) keep none. Gradient descent with momentum can be run *backwards*: subtract the step, take the gradient again, undo the velocity by dividing by the momentum.
#
# > **Predict first.** Momentum 0.9, in ordinary floating point. After how many steps backwards is the way lost? Which operation loses it?

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
reversible_demo = ReversibleDemo()
reversible_demo

# %% [markdown] slideshow={"slide_type": "fragment"}
# Multiplying the velocity by 0.9 throws away digits, and dividing blows the rounding up. The remedy: integers instead of floats, so that sums are exact; and the remainders of the one operation that loses something go to a buffer, $\log_2(1/\gamma)$ bits for each weight and step, 0.15 bits at a momentum of 0.9, where a copy of the weights has 32.

# %% slideshow={"slide_type": "fragment"}
from course_lib.meta.fixed_point import ratio
from course_lib.meta.reversible import Exact
from course_lib.meta.reversible_training import StepGradient

state, momentum = Exact(run.start), ratio(0.9)
gradients = [StepGradient(loss_with_decay, no_decay, t) for t in range(50)]
for gradient in gradients:
    state.forward(gradient, 0.3, momentum)
bits_kept = state.buffer.bits
for gradient in reversed(gradients):
    state.back(gradient, 0.3, momentum)
assert state.at_start_from(run.start)  # not a bit is different

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"Fifty steps there and back, not a bit different. The buffer held {bits_kept:.1f} bits for each weight; fifty copies have "
    f"{50 * 32:,}."
)

# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
claim(
    "10_memory",
    "Reversible training needs a small fraction of the memory of a stored one.",
    predict="After how many steps does the reversible training need less than the stored one? How much less after a thousand?",
    sway="A ratio above one at many steps: for a momentum so small that its bits are as many as those of a copy.",
    shown="bytes that are allocated for the way back, buffer included, divided by those of all weights stored in single precision; "
    "the line is as many",
    axis="Memory, reversible / stored",
    words=("More than stored", "Less than stored", "No difference is shown"),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# With exact gradients through training, rates and decays can be *learnt*: a rate for each of 50 steps, a weight decay for each layer, by gradient descent on the validation loss, a fresh training in every outer step.
#
# > **Predict first.** What will the learnt schedule look like? Does it end high or low?

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
learned, outer_log = learn_schedule(digits, make_rng(2), outer=25)
tuned = tune(digits, [digits.draw(make_rng(3))], torch.ones(50))  # the best constant rate of a grid

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
pictures(
    (plot_lines, rates_info(learned, tuned)),
    (plot_lines, convergence_info(outer_log)),
    caption="One division of the digits, 25 outer steps: enough to see where it goes. The card has more of both.",
    size=(12.5, 4.2),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "10_schedule",
    "Learnt rates and decays are better than tuned ones.",
    predict="Which of the tuned rivals is hardest to beat: a constant rate, or one that falls to zero? By how much?",
    sway="Intervals below zero: with a finer grid, a longer training, or a validation set so small that it is overfitted.",
    shown="test loss after new trainings, of the rates that are named, minus that of the learnt schedule, seed by seed; everything "
    "was chosen on validation data",
    axis="Test loss minus that of the learnt schedule",
    words=(
        "Worse than the learnt schedule",
        "Better than the learnt schedule",
        "No difference is shown",
    ),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Transfer
#
# The oldest way to start well: train on other tasks, keep the lower layers as *features*, and train a new last layer. It needs no second loop. What should the lower layers be trained for? Two answers stand side by side. Multi-task training wants *one* network that is good for all tasks at once,
#
# $$\theta \leftarrow \theta - \eta \sum_i \nabla_\theta L_i(\theta),$$
#
# and MAML a network that is good for each *after one step towards it*:
#
# $$\theta \leftarrow \theta - \eta \sum_i \nabla_\theta L_i^{q}\bigl(\theta - \alpha \nabla_\theta L_i^{s}(\theta)\bigr),$$
#
# with $L_i^{s}$ the loss on the support of task $i$ and $L_i^{q}$ that on its queries. (For a mean in place of the sum, divide $\eta$ by the number of tasks; code takes the mean.)
#
# > **Predict first.** Tasks are sinusoids of random amplitude and phase. What does the network look like that multi-task training finds? (What is the mean of all these curves?) And how fast does it learn one of them?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## MAML
#
# Model-agnostic meta-learning (Finn, Abbeel and Levine, 2017) is the second formula. The inner loop is ordinary gradient descent from $\theta$ on the support set; the query loss *after* it is differentiated with respect to $\theta$, through the steps. Nothing is assumed of the model but that it has a gradient.


# %% slideshow={"slide_type": "fragment"}
def inner_loop(theta, support_loss, *, lr, steps=1):
    phi = theta
    for _ in range(steps):
        gradient = torch.func.grad(support_loss)(phi)
        phi = {name: value - lr * gradient[name] for name, value in phi.items()}
    return phi


def maml_objective(theta, tasks, rng, carry, *, predict, loss, inner_loop):
    def after(support_x, support_y, query_x, query_y):
        phi = inner_loop(theta, lambda phi: loss(predict(phi, support_x), support_y))
        return loss(predict(phi, query_x), query_y)

    return torch.func.vmap(after)(*tasks).mean(), carry  # all tasks at once


# %% slideshow={"slide_type": "fragment"}
from course_lib.meta import maml

tasks = sinusoid_tasks(make_rng(1))
own = {name: value.clone().requires_grad_() for name, value in random_theta.items()}
settings = {"predict": network, "loss": F.mse_loss}
ours, _ = maml_objective(
    own, tasks, None, None, **settings, inner_loop=partial(inner_loop, lr=0.01)
)
theirs, _ = maml.maml_objective(own, tasks, **settings, inner_loop=one_step)
assert torch.isclose(ours, theirs)
ours.backward()  # second derivatives and all

# %% [markdown] slideshow={"slide_type": "subslide"}
# Now the starts that a longer meta-training has found: MAML's, the one of joint training, and the random one that both began with. All three learn the same 200 new sinusoids from ten points each.
#
# > **Predict first.** Which needs how many steps? Does a pretrained network after ten steps catch up with MAML after one?

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
starts = sinusoid_starts()
curves = {name: fine_tune(theta, new_tasks, steps=10).numpy() for name, theta in starts.items()}
picture(
    plot_lines,
    lines_info(
        range(11),
        {name: rows.mean(0) for name, rows in curves.items()},
        bands={name: np.quantile(rows, (0.25, 0.75), axis=0) for name, rows in curves.items()},
        x="inner steps, each of size 0.01",
        y="squared error on the queries",
        marks={"always answer 0": float((new_tasks.query_y**2).mean())},
    ),
    caption="Means over 200 new tasks, bands quartiles; one meta-training each. The card below has more, and a step size "
    "tuned for the pretrained network.",
    size=(11, 5),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Try it by hand: drag the points.
#
# 1. Zero steps. What has MAML's network learnt that the others have not? (It is no sinusoid at all.)
# 2. One step, then ten.
# 3. All points on the left half. What does the right half say, and where does that knowledge come from?
# 4. A task that is no sinusoid.

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
sinusoid_demo = SinusoidDemo()
sinusoid_demo

# %% [markdown] slideshow={"slide_type": "subslide"}
# The claim of the paper, over seeds, with the pretrained network's step size tuned on other tasks. Write your guess down before you open the card.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "10_one_step",
    "MAML's start after one step is better than a pretrained network after ten.",
    predict="Which of the two has the smaller error, and by what factor? Where is a network with random weights?",
    sway="An interval that lies below zero: for a step size, a length of training, or tasks for which pretraining pays.",
    shown="mean squared error on the queries of new sinusoids, after ten steps from the other start minus that of "
    "MAML's after one, seed by seed",
    axis="Squared error, minus MAML's after one step",
    words=(
        "Worse than MAML after one step",
        "Better than MAML after one step",
        "No difference is shown",
    ),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "10_shots",
    "The more examples a task has, the smaller MAML's lead over a pretrained network.",
    predict="With one example, and with fifty: who is ahead, after ten steps and after a hundred? Where does the gap close?",
    sway="Intervals that hold zero at few shots, or a lead that grows with the shots.",
    shown="squared error of the pretrained start minus that of MAML's, both with the step size that is best for them on "
    "other tasks, at every number of examples and of steps",
    axis="Squared error, pretrained minus MAML",
    words=("MAML is ahead", "The pretrained network is ahead", "No difference is shown"),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
leads = {row.label: row.mean for row in read_measured("10_shots").estimates.rows}
most = {
    steps: max((label for label in leads if label.endswith(steps)), key=leads.get)
    for steps in (", 10 steps", ", 100 steps")
}
Markdown(
    "The lead is largest with "
    + " and with ".join(
        f"{label.replace(', ', ' after ')} ({leads[label]:.2f})" for label in most.values()
    )
    + f"; with 50 shots after 100 steps it is {leads['50 shots, 100 steps']:.2f}: smaller, and not gone. With a single example even MAML "
    "can know little, so the lead does not begin at its largest."
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## First order, and relatives
#
# The gradient of MAML, for one step and one task, is
#
# $$\nabla_\theta L^{q}(\phi) = \bigl(I - \alpha\, \nabla^2 L^{s}(\theta)\bigr)\, \nabla L^{q}(\phi), \qquad \phi = \theta - \alpha \nabla L^{s}(\theta).$$
#
# - **First order** (FOMAML) puts $I$ for the bracket: no second derivatives, less work. Forget `create_graph=True` in an autograd code and you have it without knowing.
# - **Reptile** (Nichol and others, 2018) has no query set: take several steps, then move $\theta$ towards where they led, $\theta \leftarrow \theta + \varepsilon\, \overline{(\phi_i - \theta)}$. With *one* step this is multi-task training.
# - **ANIL** (Raghu and others, 2020) adapts the last layer only, in the inner loop.
# - **Meta-SGD** (Li and others, 2017) learns a step size for every parameter, along with $\theta$.
# - **iMAML** (Rajeswaran and others, 2019) asks where the inner loop *ends*, not how it got there: with a pull towards $\theta$ of strength $\lambda$, the gradient at the end is $(I + \nabla^2 L^s(\phi)/\lambda)^{-1} \nabla L^q(\phi)$, a linear system for conjugate gradients.


# %% slideshow={"slide_type": "fragment"}
def first_order(adapt):
    def loop(theta, support_loss):
        moved = {
            name: (value - theta[name]).detach()
            for name, value in adapt(theta, support_loss).items()
        }
        return {name: theta[name] + step for name, step in moved.items()}

    return loop


def anil(adapt, head):
    def loop(theta, support_loss):
        body = {name: value for name, value in theta.items() if name not in head}
        moving = {name: theta[name] for name in head}
        return body | adapt(moving, lambda phi: support_loss(body | phi))

    return loop


def reptile_step(theta, task_losses, *, lr, steps, step_size):
    ends = [inner_loop(theta, loss, lr=lr, steps=steps) for loss in task_losses]
    return {
        name: value + step_size * torch.stack([phi[name] - value for phi in ends]).mean(0)
        for name, value in theta.items()
    }


def slope(adapt):  # the gradient of the meta-loss at the random start, as one vector
    leaves = {name: value.clone().requires_grad_() for name, value in random_theta.items()}
    value, _ = maml_objective(leaves, tasks, None, None, **settings, inner_loop=adapt)
    value.backward()
    return torch.cat([leaf.grad.flatten() for leaf in leaves.values()])


plain = partial(inner_loop, lr=0.01)
exact, dropped = slope(plain), slope(first_order(plain))
head_only = slope(anil(plain, head=("head.weight", "head.bias")))
reptile_losses = [
    lambda phi, x=x, y=y: F.mse_loss(network(phi, x), y)
    for x, y in zip(tasks.support_x, tasks.support_y, strict=True)
]
many = reptile_step(random_theta, reptile_losses, lr=0.01, steps=8, step_size=1.0)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
towards = torch.cat([(random_theta[name] - value).flatten() for name, value in many.items()])
angle = {
    name: float(F.cosine_similarity(exact, other, dim=0))
    for name, other in (
        ("first order", dropped),
        ("ANIL", head_only),
        ("Reptile, 8 steps", towards),
    )
}
Markdown(
    "Cosine with MAML's own gradient, at the random start, one batch of 25 tasks: "
    + ", ".join(f"{name} {value:.3f}" for name, value in angle.items())
    + f". Length of the first-order gradient: {float(dropped.norm() / exact.norm()):.2f} of MAML's. "
    "That is at a random start, with small steps; what a whole training loses is measured below."
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Why does it matter where one starts? Two parameters are enough to see it: waves of amplitude and phase. Left the mean loss of a start *before* any step, right *after* some steps from it; arrows are the tasks' own gradients. Joint training looks for the lowest point of the left landscape, MAML for that of the right one.
#
# > **Predict first.** Turn the inner steps from 0 upwards. Which way does the best start move, and towards whose task?

# %% slideshow={"slide_type": "fragment"} tags=["demo"] jupyter={"source_hidden": true}
landscape_demo = LandscapeDemo()
landscape_demo

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Few-shot glyphs
#
# A thousand characters of many scripts, rendered from the fonts that come with matplotlib: letters of some scripts to meta-train on, of others to choose settings by, and of others again to be tested on. A class has one example, and there are five classes to choose from.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
picture(
    plot_glyphs,
    glyphs_info(few, make_rng(0), columns=4),
    caption=f"{len(few.train.classes)} classes to train on, {len(few.valid.classes)} to choose by, {len(few.test.classes)} for the test. "
    "An outline that two scripts share counts once. Fonts: DejaVu, as matplotlib ships them.",
    size=(5.2, 6.0),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# MAML with a small convolutional network, one inner step. Batch normalization needs care: a mean over the queries would let them help each other. Here queries are normalized with the statistics of the *support* images. Averaging over the queries themselves, as much published code does, is called transductive, and belongs in the report.

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.meta.conv_network import conv_network
from course_lib.meta.evaluate import by_gradient, evaluate, inductive, transductive
from course_lib.meta.prototypes import nearest_neighbour
from course_lib.meta.recipe import train_few_shot

glyph_theta, conv = conv_network(make_rng(0), channels=(16, 32, 32, 32))
few_step = partial(inner_loop, lr=0.4)
learner = by_gradient(conv, few_step, context=inductive)
glyph_theta, glyph_log = train_few_shot(glyph_theta, learner, few.train, make_rng(0), steps=150)
short = evaluate(learner, glyph_theta, few.test, make_rng(1), episodes=200)
pixels = evaluate(nearest_neighbour(), {}, few.test, make_rng(1), episodes=200)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"After {len(glyph_log)} meta-steps, on scripts it has never seen, 5-way 1-shot: {short.estimate:.1%} "
    f"({short.low:.1%} to {short.high:.1%}). Nearest neighbour on pixels, the same 200 episodes: {pixels.estimate:.1%} "
    f"({pixels.low:.1%} to {pixels.high:.1%}). Chance is 20 %."
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# A whole training takes minutes, too long for a lecture, so it is kept, with its accuracies over 600 episodes.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
kept = trained_glyphs()
by_accuracy = sorted(kept.accuracy.items(), key=lambda pair: -pair[1].estimate)
Markdown(
    "| learner | accuracy on unseen scripts, 5-way 1-shot | 95 % interval |\n|---|---|---|\n"
    + "\n".join(
        f"| {name} | {a.estimate:.1%} | {a.low:.1%} to {a.high:.1%} |" for name, a in by_accuracy
    )
    + f"\n\nOne training each, 600 episodes. Processor minutes: {', '.join(f'{n} {m:.1f}' for n, m in kept.minutes.items())}."
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# How much do the second derivatives gain, and how much the inner loop below the last layer? Both questions over seeds, all step sizes chosen on the validation scripts.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "10_second_order",
    "Second derivatives make MAML better than its first-order approximation.",
    predict="By how many points of accuracy? Is the answer the same when queries may help each other?",
    sway="Intervals on the other side of zero: with longer training, more inner steps, other rates.",
    shown="accuracy on unseen scripts, 5-way 1-shot: MAML minus first-order MAML, seed by seed",
    axis="MAML minus first order, points of accuracy",
    words=("Second order is better", "First order is better", "No difference is shown"),
)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "10_anil",
    "Almost no inner loop is needed: ANIL, which adapts only the last layer, is as good as MAML.",
    predict="Which of the two is ahead, and by how many points?",
    sway="Intervals on the other side of zero: with longer training, more inner steps, or classes less alike.",
    shown="accuracy on unseen scripts, 5-way 1-shot: MAML minus ANIL, seed by seed",
    axis="MAML minus ANIL, points of accuracy",
    words=("MAML is better", "ANIL is better", "No difference is shown"),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Hallucinated examples
#
# One example does not show how a class *varies*. Other classes do. Hariharan and Girshick (2017) mine analogies, "a is to b as c is to ?", among the features of known classes, and train a generator to complete them: given the one example of a new class and a pair that shows a variation, it hallucinates the example that varied alike. A classifier is then trained on real and hallucinated examples together. Wang and others (2018) drop the analogies: the generator is a network that turns an example and noise into another example, trained *end to end* with the few-shot learner, by the query loss. It need not make realistic examples, only useful ones.

# %% slideshow={"slide_type": "fragment"} tags=["demo"]
from course_lib.meta import analogies as mined
from course_lib.meta.embedding import trained_embedding
from course_lib.meta.hallucinate import from_noise, train_end_to_end

embed, rng = trained_embedding(), make_rng(0)  # a classifier of the training scripts, headless
base = embed(few.train.part(few.train.classes[::12]))
centroids = mined.class_centroids(base, rng, count=5)  # five ways in which each class looks
pairs = mined.mine_analogies(centroids)  # a1 : a2 :: b1 : b2, where displacements agree best
by_pairs, _ = mined.train_on_analogies(pairs, mined.train_classifier(base, rng), rng, steps=150)
end_to_end, _ = train_end_to_end(base, rng, steps=60)  # noise, and the learner's query loss

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
hallucinators = {
    "analogies": mined.by_analogy(by_pairs, centroids),
    "end to end": from_noise(end_to_end),
}
unseen_features = embed(few.test)
pictures(
    (plot_lines, shots_info(unseen_features, hallucinators, make_rng(1), episodes=200)),
    (
        plot_hallucination,
        hallucination_info(
            unseen_features, hallucinators["analogies"], make_rng(3), method="analogies"
        ),
    ),
    caption="Left, accuracy on unseen scripts by the nearest class mean, 200 episodes, one training of each generator. Right, one "
    "episode in the plane of its queries: hallucinated examples stay near their example, and vary less than the queries do.",
    size=(12.5, 4.2),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# A gain has to be compared with something simple. Two controls have no generator: *sum* adds the difference of two centroids of some base class to the example; *shrinkage* moves the example halfway to the mean of all base features.

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
claim(
    "10_hallucination",
    "With one real example of a class, hallucinated examples make a few-shot learner better.",
    predict="By how many points, with analogies and end to end? What does it gain to move every example halfway to the mean of "
    "all features, with no generator at all?",
    sway="Intervals of a generator that hold zero, or lie no higher than shrinkage alone: as end to end and shrinkage nearly meet "
    "here. Another embedding, other images.",
    shown="1-shot accuracy with {total} examples of a class minus that with the real one alone, on the same episodes",
    axis="Gain over one real example, points",
    words=(
        "Better than real examples alone",
        "Worse than real examples alone",
        "No difference is shown",
    ),
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Wrong-answer gallery
#
# None of these crashes, and each of their training curves falls.


# %% slideshow={"slide_type": "fragment"}
from course_lib.meta.tasks import Tasks


def query_is_support(theta, tasks, rng, carry):
    same = Tasks(tasks.support_x, tasks.support_y, tasks.support_x, tasks.support_y)
    return maml_objective(theta, same, rng, carry, **settings, inner_loop=plain)


def one_step_reptile(theta, tasks, rng, carry):
    x, y = tasks.joined()
    losses = torch.func.vmap(lambda x, y: F.mse_loss(network(theta, x), y))(x, y)
    return losses.mean(), carry  # its gradient is that of Reptile with a single inner step


objectives = {
    "right": partial(maml_objective, **settings, inner_loop=plain),
    "query = support": query_is_support,
    "Reptile with one step": one_step_reptile,
}
three_shots = partial(sinusoid_tasks, shots=3, queries=10)
hard = three_shots(make_rng(98), tasks=200, queries=50)
told, true = {}, {}
for name, objective in objectives.items():
    found_theta, log = meta_train(
        random_theta,
        objective,
        three_shots,
        make_rng(1),
        steps=600,
        optimizer=partial(torch.optim.Adam, lr=3e-3),
    )
    told[name] = np.convolve(log["loss"], np.ones(50) / 50, mode="valid")
    true[name] = fine_tune(found_theta, hard, steps=10).mean(0)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
pictures(
    (
        plot_lines,
        lines_info(range(50, 601), told, x="steps of the meta-learner", y="its own loss"),
    ),
    (
        plot_lines,
        lines_info(range(11), true, x="inner steps on new tasks", y="squared error on queries"),
    ),
    caption="Left, what the training shows, a running mean over 50 steps; right, 200 new tasks with three examples. The query that "
    "is the support has the best training curve, and is wrong. One seed.",
    size=(12.5, 4.2),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Two more cannot be seen in any curve. **Summed instead of averaged**: with Adam nothing changes, with plain gradient descent the step grows with the number of tasks. **Statistics of the queries**: below, the trained network of the glyphs is asked the same queries twice, together and one by one with the support's statistics.

# %% slideshow={"slide_type": "fragment"}
queries = few.test.sample(make_rng(5), tasks=200)
together, alone = (
    episode_accuracies(by_gradient(conv, few_step, context=context), glyph_theta, queries)
    for context in (transductive, inductive)
)
leak = paired_difference(100 * together, 100 * alone, make_rng(0))

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
Markdown(
    f"The same 200 episodes: {together.mean():.1%} if queries help each other, {alone.mean():.1%} if each stands alone; paired difference "
    f"{leak.estimate:+.1f} points ({leak.low:+.1f} to {leak.high:+.1f}). Neither is wrong where it is said; left unsaid, it is the gallery's last entry."
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home
#
# - Two loops. What the outer one learns, a rule, a rate, a start, is judged on tasks that it has never seen, by what the inner one makes of them.
# - A training is a differentiable function of everything that it was given. Reverse it in exact arithmetic and the gradient costs no memory to speak of.
# - MAML's start is good *after* a step, not before; first order drops the second derivatives, which is cheap and not always free: measure it, as we did on glyphs.
# - Few-shot results are means over hundreds of episodes of unseen classes. Queries must not talk to each other, unless you say so.
#
# **Lab 10**: episodes, the inner loop, MAML's objective, Reptile, a hypergradient; and a challenge on scripts that nobody trained on.
#
# **Sources.** Y. Bengio, S. Bengio and J. Cloutier, *Learning a synaptic learning rule*, IJCNN 1991. J. Schmidhuber, *Evolutionary principles in self-referential learning*, diploma thesis, TU München 1987, and *Learning to control fast-weight memories*, Neural Computation 1992. D. Maclaurin, D. Duvenaud and R. P. Adams, *Gradient-based hyperparameter optimization through reversible learning*, ICML 2015. C. Finn, P. Abbeel and S. Levine, *Model-agnostic meta-learning for fast adaptation of deep networks*, ICML 2017. Z. Li, F. Zhou, F. Chen and H. Li, *Meta-SGD: learning to learn quickly for few-shot learning*, arXiv 2017. A. Nichol, J. Achiam and J. Schulman, *On first-order meta-learning algorithms*, arXiv 2018. A. Rajeswaran, C. Finn, S. Kakade and S. Levine, *Meta-learning with implicit gradients*, NeurIPS 2019. A. Raghu, M. Raghu, S. Bengio and O. Vinyals, *Rapid learning or feature reuse?*, ICLR 2020. J. Snell, K. Swersky and R. Zemel, *Prototypical networks for few-shot learning*, NIPS 2017. B. Hariharan and R. Girshick, *Low-shot visual recognition by shrinking and hallucinating features*, ICCV 2017. Y.-X. Wang, R. Girshick, M. Hebert and B. Hariharan, *Low-shot learning from imaginary data*, CVPR 2018. The order of topics follows a lecture by Atlas Wang, The University of Texas at Austin, 2021.
